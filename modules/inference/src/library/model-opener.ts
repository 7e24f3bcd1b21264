import { ConfigError, type InferenceTwin } from '@edgeveil/contracts';
import type { Log } from '@edgeveil/module-kit';
import type { ModelPackage } from '@edgeveil/vision';
import { Detector, type DetectorOptions, sessionSpec } from '../detector.ts';
import { findModelPackage, type LocatedModel, readModelPackage } from '../locate-model.ts';
import type { WantedModel } from '../model-slot.ts';
import { downloadModel, withoutQuery } from './download-model.ts';
import { fetchDescription } from './fetch-description.ts';
import { hashModel } from './hash-model.ts';
import type { IncomingModels } from './incoming-models.ts';
import type { LibraryEntry, ModelKey } from './library-entry.ts';
import type { GoodModel, LibraryState } from './library-state.ts';
import type { ModelLibrary } from './model-library.ts';
import { probeModel } from './probe-model.ts';

export interface ModelOpenerOptions {
  readonly library: ModelLibrary;
  readonly state: LibraryState;
  readonly incoming: IncomingModels;
  /** Folder of models that were brought to the site, if there is one. */
  readonly modelsDir: string | undefined;
  /** Models of the image: they are trusted, and not kept in the library. */
  readonly bundledDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Everything of a detector's options that does not depend on the model. */
  readonly detectorOptions: (wanted: WantedModel) => Omit<DetectorOptions, 'model'>;
}

type OpenOptions = Omit<DetectorOptions, 'model'>;

/** A model that was found, and what is to be remembered of it. */
interface FoundModel {
  readonly located: LocatedModel;
  readonly origin: 'library' | 'folder' | 'image';
  readonly package?: string;
}

/**
 * The one place where a model comes into the process: found where the twin says, fetched if need be, tried in a process of
 * its own the first time, loaded, remembered as good, and kept in the library.
 */
export class ModelOpener {
  readonly #options: ModelOpenerOptions;

  constructor(options: ModelOpenerOptions) {
    this.#options = options;
  }

  /** Opens what is wanted. ConfigError MODEL_…, GPU_REQUIRED, PROVIDER_UNAVAILABLE; TransientError MODEL_DOWNLOAD_FAILED, MODEL_DISK_FULL. */
  async open(wanted: WantedModel, superseded?: AbortSignal): Promise<Detector> {
    const signal = this.#until(superseded);
    const found =
      wanted.instead === undefined ? await this.#find(wanted.twin, signal) : await this.#findGood(wanted.instead);
    if (found === undefined) {
      const { name, version } = wanted.instead ?? { name: wanted.twin.model.package, version: 'any' };
      throw new ConfigError('MODEL_NOT_FOUND', `the library has no model ${name} ${version}`, {
        details: { expected: `${name} ${version}`, found: 'nothing' },
      });
    }
    return this.#load(found, wanted, signal);
  }

  /** Opens the model of a stage of the cascade, as `open` does; but it is none to go back to. */
  async openStage(wanted: WantedModel, superseded?: AbortSignal): Promise<Detector> {
    const signal = this.#until(superseded);
    const found = await this.#find(wanted.twin, signal);
    if (found === undefined) {
      throw new ConfigError('MODEL_NOT_FOUND', `the library has no model ${wanted.twin.model.package}`, {
        details: { expected: wanted.twin.model.package, found: 'nothing' },
      });
    }
    return this.#load(found, wanted, signal);
  }

  /** When fetching and trying a model ends before its time. */
  #until(superseded: AbortSignal | undefined): AbortSignal {
    const { signal } = this.#options;
    return superseded === undefined ? signal : AbortSignal.any([signal, superseded]);
  }

  /** Opens the last model that worked, other than the one of a hash. `undefined` when none can be opened. */
  async openLastGood(wanted: WantedModel, except: string | undefined): Promise<Detector | undefined> {
    const { log, state } = this.#options;
    for (const good of state.good) {
      const found = good.sha256 === except ? undefined : await this.#findGood(good).catch(() => undefined);
      if (found !== undefined) {
        try {
          return await this.#load(found, { ...wanted, instead: good }, this.#options.signal);
        } catch (error) {
          log.warn('a model that has worked before does not', { ...good, error });
        }
      }
    }
    return undefined;
  }

  /**
   * Takes a model file into the library, after a process of its own has loaded it. Answers the entry's name and version.
   *
   * @throws as `open`; ConfigError MODEL_VERSION_CONFLICT
   */
  async take(
    model: LocatedModel,
    origin: 'url' | 'method',
    names: { readonly name?: string | undefined; readonly version?: string | undefined; readonly sha256?: string },
    twin: InferenceTwin,
    signal = this.#options.signal,
  ): Promise<ModelKey> {
    const { library } = this.#options;
    const options = this.#options.detectorOptions({ twin, instead: undefined, givenUp: [] });
    const { scoreThreshold: _, labelThresholds: __, ...rest } = options;
    const recognised = await this.#probe(model, { ...rest, ...(names.sha256 && { sha256: names.sha256 }) }, signal);
    const description: ModelPackage = model.description ?? {
      ...recognised,
      ...(names.name === undefined || model.known?.name !== undefined ? {} : { name: names.name }),
      ...(names.version === undefined || model.known?.version !== undefined ? {} : { version: names.version }),
    };
    return library.add({ modelFile: model.modelFile, description, origin });
  }

  /** Where the twin's model is: fetched from its URL, in the models volume, in the image, in the library. */
  async #find(twin: InferenceTwin, signal: AbortSignal): Promise<FoundModel | undefined> {
    const { library, modelsDir, bundledDir } = this.#options;
    const { package: folder, url, sha256, version } = twin.model;
    if (url !== undefined && sha256 !== undefined) {
      const entry = library.findBySha256(sha256, version) ?? (await this.#fetch(twin, { url, sha256 }, signal));
      return this.#inLibrary(entry);
    }
    const entry = library.find(folder, version);
    for (const [origin, dir] of [['folder', modelsDir] as const, ['image', bundledDir] as const]) {
      const located = dir === undefined ? undefined : await findOrNot(folder, dir);
      const isOther = version !== undefined && versionOf(located) !== version;
      if (located !== undefined && !(isOther && entry !== undefined)) {
        checkVersion(located, version);
        return { located, origin, package: folder };
      }
    }
    if (entry !== undefined) {
      return this.#inLibrary(entry);
    }
    const dirs = [...(modelsDir === undefined ? [] : [modelsDir]), bundledDir];
    return { located: await findModelPackage(folder, dirs), origin: 'folder', package: folder };
  }

  async #findGood({ name, version, sha256, package: folder }: GoodModel): Promise<FoundModel | undefined> {
    const { library, bundledDir } = this.#options;
    const named = library.find(name, version);
    const entry = named?.sha256 === sha256 ? named : library.findBySha256(sha256);
    if (entry !== undefined) {
      return this.#inLibrary(entry);
    }
    const located = folder === undefined ? undefined : await findOrNot(folder, bundledDir);
    return located?.description?.sha256 === sha256 ? { located, origin: 'image', package: folder } : undefined;
  }

  async #inLibrary(key: ModelKey): Promise<FoundModel> {
    return { located: await readModelPackage(this.#options.library.dirOf(key)), origin: 'library' };
  }

  async #fetch(
    twin: InferenceTwin,
    { url, sha256 }: { readonly url: string; readonly sha256: string },
    signal: AbortSignal,
  ): Promise<ModelKey> {
    const { incoming, log } = this.#options;
    const { descriptionUrl, version } = twin.model;
    const startedAt = performance.now();
    log.info('model is being fetched', { from: withoutQuery(url), sha256 });
    const described =
      descriptionUrl === undefined ? { description: undefined } : await fetchDescription(descriptionUrl, signal);
    if (descriptionUrl !== undefined && versionOf(described) !== undefined) {
      checkVersion({ modelFile: withoutQuery(descriptionUrl), ...described }, version);
    }
    const { maxModelBytes: maxBytes } = twin.library;
    const modelFile = await downloadModel({ url, sha256, maxBytes, incoming, signal });
    log.info('model fetched', { sha256, seconds: Math.round(performance.now() - startedAt) / 1000 });
    try {
      const names = { name: nameInUrl(url), version, sha256 };
      return await this.take({ modelFile, ...described }, 'url', names, twin, signal);
    } finally {
      await incoming.discard(sha256);
    }
  }

  async #load(found: FoundModel, wanted: WantedModel, signal: AbortSignal): Promise<Detector> {
    const { library, log, state } = this.#options;
    const sha256 = await hashOf(found.located);
    if (found.origin === 'folder') {
      this.#checkUnchanged(found.located, sha256);
    }
    const options = await this.#tried({ ...found, sha256 }, this.#options.detectorOptions(wanted), signal);
    await state.noteLoading(sha256 === undefined ? undefined : triedKey(sha256, options));
    let detector: Detector;
    try {
      detector = await Detector.open({ ...options, model: found.located });
    } catch (error) {
      await state.noteLoading(undefined);
      throw error;
    }
    if (found.origin === 'folder') {
      await this.#keep(found.located, detector.model);
    }
    if (wanted.stage === undefined) {
      await state.noteGood({
        ...detector.identity,
        ...(found.origin === 'image' ? { package: found.package } : {}),
      });
    } else {
      await state.noteLoading(undefined);
    }
    const inUse = [detector.identity, ...state.good.slice(0, 2), ...this.#entriesOfStages(wanted.twin)];
    const kept = new Set(inUse.map(({ sha256 }) => sha256));
    for (const { name, version } of await library.trim(wanted.twin.library.maxBytes, kept)) {
      log.info('model removed from the library to make room', { name, version });
    }
    return detector;
  }

  /** A folder whose `model.json` says the version of other bytes: receipts of both would name the same model. */
  #checkUnchanged({ modelFile, description, known = description }: LocatedModel, sha256: string | undefined): void {
    const { name, version, sha256: described = sha256 } = known ?? {};
    const present = name === undefined || version === undefined ? undefined : this.#options.library.find(name, version);
    // Where `model.json` has another hash, that is what is wrong.
    if (present !== undefined && sha256 !== undefined && present.sha256 !== sha256 && described === sha256) {
      throw new ConfigError(
        'MODEL_VERSION_CONFLICT',
        `${modelFile}: ${name} ${version} has been in use here with SHA-256 ${present.sha256}: a version never changes`,
        { details: { expected: `a new version in model.json, or SHA-256 ${present.sha256}`, found: sha256 } },
      );
    }
  }

  #entriesOfStages({ cascade }: InferenceTwin): LibraryEntry[] {
    const { library } = this.#options;
    return Object.entries(cascade).flatMap(
      ([
        name,
        {
          model: { package: folder = name, version, sha256 = '' },
        },
      ]) => {
        return library.findBySha256(sha256) ?? library.find(folder, version) ?? [];
      },
    );
  }

  /**
   * Lets a process of its own load the model first, unless that has been done: what the runtime or a driver dies of, this
   * process survives. A provider that it dies of is left out.
   */
  async #tried(
    { sha256, ...found }: FoundModel & { readonly sha256: string | undefined },
    options: OpenOptions,
    signal: AbortSignal,
  ): Promise<OpenOptions> {
    const { state } = this.#options;
    let tried = options;
    for (;;) {
      const key = sha256 === undefined ? '' : triedKey(sha256, tried);
      if ((found.origin === 'image' || state.wasTried(key)) && !state.diedOf(key)) {
        return tried;
      }
      try {
        await this.#probe(found.located, tried, signal);
        return tried;
      } catch (error) {
        const [first, ...others] = tried.providers ?? [];
        const isOfProvider = error instanceof ConfigError && error.code === 'MODEL_CRASHES' && first !== 'cpu';
        if (!isOfProvider || first === undefined || others.length === 0) {
          throw error;
        }
        const failure = { provider: first, reason: String(error.details.found) };
        tried = { ...tried, providers: others, knownFailures: [...(tried.knownFailures ?? []), failure] };
      }
    }
  }

  /** A copy of a model of the models volume: whatever becomes of that folder, it can be gone back to. */
  async #keep(located: LocatedModel, description: ModelPackage): Promise<void> {
    const { library, log } = this.#options;
    if (library.findBySha256(description.sha256) !== undefined) {
      return;
    }
    try {
      const present = library.find(description.name, description.version);
      const version =
        present === undefined ? description.version : `${description.version}+${description.sha256.slice(0, 12)}`;
      await library.add({ modelFile: located.modelFile, description: { ...description, version }, origin: 'folder' });
    } catch (error) {
      // A full disk, say. The model runs all the same.
      log.warn('model not kept in the library', { name: description.name, error });
    }
  }

  /** Loads a model in a process of its own, and tells what it is. */
  async #probe(located: LocatedModel, options: OpenOptions, signal: AbortSignal): Promise<ModelPackage> {
    const { environment, state } = this.#options;
    const spec = await sessionSpec(located, { ...options, model: located });
    const timeoutMs = options.deadlines?.openMs ?? 900_000;
    const { model } = await probeModel(spec, { environment, timeoutMs, signal });
    await state.noteTried(triedKey(model.sha256, options));
    return model;
  }
}

/** What makes another try necessary: other bytes, or another provider whose driver may not survive them. */
function triedKey(sha256: string, { providers = [], devices = [] }: OpenOptions): string {
  return [sha256, ...providers, ...devices].join(' ');
}

/** `undefined` for a file that cannot be read: loading it says why. */
async function hashOf({ modelFile }: LocatedModel): Promise<string | undefined> {
  return hashModel(modelFile).catch(() => undefined);
}

async function findOrNot(folder: string, dir: string): Promise<LocatedModel | undefined> {
  try {
    return await findModelPackage(folder, [dir]);
  } catch (error) {
    if (error instanceof ConfigError && error.code === 'MODEL_NOT_FOUND') {
      return undefined;
    }
    throw error;
  }
}

function versionOf(located: Pick<LocatedModel, 'description' | 'known'> | undefined): string | undefined {
  return located?.description?.version ?? located?.known?.version;
}

function checkVersion(located: LocatedModel, version: string | undefined): void {
  if (version !== undefined && versionOf(located) !== version) {
    const found = versionOf(located) ?? 'none: no model.json says it';
    throw new ConfigError(
      'MODEL_VERSION_MISMATCH',
      `${located.modelFile}: version ${version} is asked for, found ${found}`,
      {
        details: { expected: version, found },
      },
    );
  }
}

/** `yard-people` of `https://…/models/yard-people.onnx?sv=…`; the folder's name for `…/yard-people/model.onnx`. */
function nameInUrl(url: string): string {
  const parts = decoded(new URL(url).pathname)
    .split('/')
    .filter((part) => part !== '');
  const base = (parts.at(-1) ?? '').replace(/\.onnx$/i, '');
  return ((base === 'model' ? parts.at(-2) : base) ?? '').slice(0, 128) || 'model';
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

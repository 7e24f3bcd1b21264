import { isDeepStrictEqual } from 'node:util';
import { RejectedError } from '@edgeveil/contracts';
import { diffTwin, stripMetadata } from './diff.ts';
import { isJsonObject, type JsonObject } from './json-object.ts';
import { mergeTwin } from './merge.ts';
import type { TwinStore } from './twin-store.ts';
import { reportedProblem } from './validate-reported.ts';

/** A twin as a module gets it. */
export interface TwinDocument {
  readonly desired: JsonObject;
  readonly reported: JsonObject;
}

/** A change of desired properties: what a module gets, `$version` included. */
export type DesiredPatch = JsonObject & { readonly $version: number };

export interface TwinsOptions {
  readonly store: TwinStore;
  /** A patch was ignored because its `$version` is not newer than what is there. */
  readonly onIgnored?: (moduleId: string, version: number) => void;
  readonly onDesired: (moduleId: string, patch: DesiredPatch) => void;
  readonly onReported: (moduleId: string, patch: JsonObject) => void;
}

/** The twins of the device's modules and the rules by which they change. */
export class Twins {
  readonly #options: TwinsOptions;

  constructor(options: TwinsOptions) {
    this.#options = options;
  }

  /** Both halves with their `$version`. */
  get(moduleId: string): TwinDocument {
    const { desired, desiredVersion, reported, reportedVersion } = this.#options.store.get(moduleId);
    return {
      desired: { ...desired, $version: desiredVersion },
      reported: { ...reported, $version: reportedVersion },
    };
  }

  /** As `get`, noting that the module knows all of it now. */
  tell(moduleId: string): TwinDocument {
    this.noteTold(moduleId);
    return this.get(moduleId);
  }

  /**
   * The desired half that a manifest gives. One that differs from the last manifest's replaces what there is, patches made since included; the
   * same again changes nothing.
   */
  applyManifest(moduleId: string, manifestDesired: JsonObject): void {
    const twin = this.#options.store.get(moduleId);
    const desired = stripMetadata(manifestDesired);
    if (twin.manifestDesired !== undefined && isDeepStrictEqual(twin.manifestDesired, desired)) return;
    const isNew = twin.manifestDesired === undefined;
    const desiredVersion = isNew ? twin.desiredVersion : twin.desiredVersion + 1;
    this.#options.store.put(moduleId, { ...twin, desired, desiredVersion, manifestDesired: desired });
    if (!isNew) this.#options.onDesired(moduleId, { ...diffTwin(twin.desired, desired), $version: desiredVersion });
  }

  /**
   * The desired halves that a deployment gives to a running device: they replace what there is, patches made since the last one included. All of them
   * are kept or, when the disk refuses, none; then the modules are told what differs.
   */
  deploy(halves: ReadonlyMap<string, JsonObject>): void {
    const { store, onDesired } = this.#options;
    const patches: [module: string, patch: DesiredPatch][] = [];
    store.atomically(() => {
      for (const [moduleId, half] of halves) {
        const twin = store.get(moduleId);
        const desired = stripMetadata(half);
        const isSame = isDeepStrictEqual(twin.desired, desired);
        const desiredVersion = isSame ? twin.desiredVersion : twin.desiredVersion + 1;
        store.put(moduleId, { ...twin, desired, desiredVersion, manifestDesired: desired });
        if (!isSame) patches.push([moduleId, { ...diffTwin(twin.desired, desired), $version: desiredVersion }]);
      }
    });
    for (const [moduleId, patch] of patches) onDesired(moduleId, patch);
  }

  /**
   * Merges a patch into the desired half and tells the module. A patch with a `$version` is taken as one that IoT Hub sent: it is ignored unless the
   * number is greater than the stored one, and becomes the new one (TwinStore.cs). @returns the `$version` that the half has now
   */
  patchDesired(moduleId: string, patch: JsonObject): number {
    const twin = this.#options.store.get(moduleId);
    const given = versionOf(patch);
    if (given !== undefined && given <= twin.desiredVersion) {
      this.#options.onIgnored?.(moduleId, given);
      return twin.desiredVersion;
    }
    const changes = stripMetadata(patch);
    const desiredVersion = given ?? twin.desiredVersion + 1;
    this.#options.store.put(moduleId, { ...twin, desired: mergeTwin(twin.desired, changes), desiredVersion });
    this.#options.onDesired(moduleId, { ...changes, $version: desiredVersion });
    return desiredVersion;
  }

  /**
   * Puts a document in the place of the desired half and tells the module what differs. A `$version` in it that is ahead of the stored one becomes
   * the new one; any other is taken for what was read before, and the number goes up by one. @returns the new `$version`
   */
  replaceDesired(moduleId: string, desired: JsonObject): number {
    const twin = this.#options.store.get(moduleId);
    const next = stripMetadata(desired);
    const desiredVersion = Math.max(twin.desiredVersion + 1, versionOf(desired) ?? 0);
    this.#options.store.put(moduleId, { ...twin, desired: next, desiredVersion });
    this.#options.onDesired(moduleId, { ...diffTwin(twin.desired, next), $version: desiredVersion });
    return desiredVersion;
  }

  /** Takes a module's reported patch. @throws RejectedError EDGE_REPORTED_INVALID, the text being edgeHub's */
  patchReported(moduleId: string, patch: unknown): void {
    const problem = reportedProblem(patch);
    if (problem !== undefined || !isJsonObject(patch)) {
      throw new RejectedError('EDGE_REPORTED_INVALID', problem ?? 'not an object', { details: { moduleId } });
    }
    const twin = this.#options.store.get(moduleId);
    const reported = mergeTwin(twin.reported, stripMetadata(patch));
    this.#options.store.put(moduleId, { ...twin, reported, reportedVersion: twin.reportedVersion + 1 });
    this.#options.onReported(moduleId, patch);
  }

  /** Replaces the reported half: for the runtime's own modules, which have no limits. `$version` as in `replaceDesired`. */
  replaceReported(moduleId: string, document: JsonObject): void {
    const twin = this.#options.store.get(moduleId);
    const reported = stripMetadata(document);
    if (isDeepStrictEqual(twin.reported, reported)) return;
    const reportedVersion = Math.max(twin.reportedVersion + 1, versionOf(document) ?? 0);
    this.#options.store.put(moduleId, { ...twin, reported, reportedVersion });
    this.#options.onReported(moduleId, reported);
  }

  /** A change was sent to the module: it knows the desired half as it is now. */
  noteTold(moduleId: string): void {
    const twin = this.#options.store.get(moduleId);
    if (twin.told?.version === twin.desiredVersion) return;
    this.#options.store.put(moduleId, { ...twin, told: { version: twin.desiredVersion, desired: twin.desired } });
  }

  /** What a module that has come back does not know yet. Nothing when it never asked for its twin. */
  missed(moduleId: string): DesiredPatch | undefined {
    const { desired, desiredVersion, told } = this.#options.store.get(moduleId);
    if (told === undefined || told.version === desiredVersion) return undefined;
    return { ...diffTwin(told.desired, desired), $version: desiredVersion };
  }
}

function versionOf({ $version }: JsonObject): number | undefined {
  return typeof $version === 'number' && Number.isSafeInteger($version) ? $version : undefined;
}

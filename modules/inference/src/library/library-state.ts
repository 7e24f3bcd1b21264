import { readFile } from 'node:fs/promises';
import { sha256Schema } from '@edgeveil/contracts';
import { writeFileDurably } from '@edgeveil/module-kit';
import { z } from 'zod';

/** How many models that worked are remembered, to go back to. */
const MAX_GOOD = 5;
const MAX_TRIED = 100;

const goodModelSchema = z.object({
  name: z.string(),
  version: z.string(),
  sha256: sha256Schema,
  /** Of a model in the image or the models volume: the folder it is found by. Others are in the library. */
  package: z.string().optional(),
});
/** A model that has worked here. */
export type GoodModel = z.infer<typeof goodModelSchema>;

const stateSchema = z.object({
  /** Newest first; the first one is, or was last, in use. */
  good: z.array(goodModelSchema).default([]),
  /** What a method chose in place of what the twin asks for, and for which wish of the twin that holds. */
  pin: z.object({ model: goodModelSchema, instead: z.string() }).optional(),
  /** Models that a process of their own has survived, by {@link LibraryState.wasTried}'s key. */
  tried: z.array(z.string()).default([]),
  /** A load that had begun and not ended: the process died of it. */
  loading: z.string().optional(),
});
type Stored = z.infer<typeof stateSchema>;

/** The same bytes, and the same is said of them. */
export function isSameModel(a: Omit<GoodModel, 'package'>, b: Omit<GoodModel, 'package'>): boolean {
  return a.sha256 === b.sha256 && a.name === b.name && a.version === b.version;
}

/** What is remembered about models from one life of the module to the next. A file that is lost or damaged costs no more than the memory. */
export class LibraryState {
  readonly #file: string;
  #stored: Stored;
  readonly #onUnsaved: (error: unknown) => void;
  #diedOf: string | undefined;

  private constructor(file: string, stored: Stored, onUnsaved: (error: unknown) => void) {
    this.#file = file;
    this.#onUnsaved = onUnsaved;
    this.#stored = stored;
  }

  /** @param onUnsaved called when the disk does not take it; then it holds for this life only */
  static async open(file: string, onUnsaved: (error: unknown) => void): Promise<LibraryState> {
    const text = await readFile(file, 'utf8').catch(() => '{}');
    const state = new LibraryState(file, parse(text), onUnsaved);
    const { loading } = state.#stored;
    if (loading !== undefined) {
      // Once: another try in a process of its own is what follows.
      state.#diedOf = loading;
      await state.#save({ tried: state.#stored.tried.filter((key) => key !== loading), loading: undefined });
    }
    return state;
  }

  /** Models that have worked, newest first. */
  get good(): readonly GoodModel[] {
    return this.#stored.good;
  }

  get pin(): Stored['pin'] {
    return this.#stored.pin;
  }

  async setPin(pin: Stored['pin']): Promise<void> {
    await this.#save({ pin });
  }

  /** The model is in use and works. */
  async noteGood(model: GoodModel): Promise<void> {
    const others = this.good.filter((each) => !isSameModel(each, model));
    await this.#save({ good: [model, ...others].slice(0, MAX_GOOD), loading: undefined });
  }

  /** Whether the module's last life ended while it loaded this model. */
  diedOf(key: string): boolean {
    return this.#diedOf === key;
  }

  /** Whether a model has been loaded in a process of its own before, in the same way. */
  wasTried(key: string): boolean {
    return this.#stored.tried.includes(key);
  }

  async noteTried(key: string): Promise<void> {
    this.#diedOf = this.#diedOf === key ? undefined : this.#diedOf;
    await this.#save({ tried: [key, ...this.#stored.tried.filter((each) => each !== key)].slice(0, MAX_TRIED) });
  }

  /** Before a model is loaded into this process: when that kills it, the next life tries it in a process of its own. */
  async noteLoading(key: string | undefined): Promise<void> {
    if (this.#stored.loading !== key) {
      await this.#save({ loading: key });
    }
  }

  async #save(change: Partial<Stored>): Promise<void> {
    this.#stored = { ...this.#stored, ...change };
    try {
      await writeFileDurably(this.#file, `${JSON.stringify(this.#stored, undefined, 2)}\n`);
    } catch (error) {
      // A full disk, say: frames are to be inferred all the same.
      this.#onUnsaved(error);
    }
  }
}

function parse(text: string): Stored {
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch {
    return stateSchema.parse({});
  }
}

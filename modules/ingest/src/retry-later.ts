import type { SourceFile } from './source-folder.ts';

const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 60_000;

interface Failure {
  readonly file: SourceFile;
  readonly delayMs: number;
  readonly dueMs: number;
}

/** Puts off files that could not be taken, each longer after each failure, so that one that is stuck does not stop the others. */
export class RetryLater {
  readonly #clock: () => number;
  #failures = new Map<string, Failure>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  isDue(file: SourceFile): boolean {
    return this.#clock() >= (this.#failureOf(file)?.dueMs ?? Number.NEGATIVE_INFINITY);
  }

  /** True for the first failure of this version of the file. */
  failed(file: SourceFile): boolean {
    const before = this.#failureOf(file);
    const delayMs = Math.min(MAX_DELAY_MS, before === undefined ? FIRST_DELAY_MS : before.delayMs * 2);
    this.#failures.set(file.path, { file, delayMs, dueMs: this.#clock() + delayMs });
    return before === undefined;
  }

  done(file: SourceFile): void {
    this.#failures.delete(file.path);
  }

  /** Forgets files that are no longer there. */
  keepOnly(files: readonly SourceFile[]): void {
    if (this.#failures.size > 0) {
      const paths = new Set(files.map(({ path }) => path));
      this.#failures = new Map([...this.#failures].filter(([path]) => paths.has(path)));
    }
  }

  #failureOf({ path, size, mtimeMs }: SourceFile): Failure | undefined {
    const failure = this.#failures.get(path);
    return failure?.file.size === size && failure.file.mtimeMs === mtimeMs ? failure : undefined;
  }
}

import { EdgeveilError, type LoopSourceConfig, RejectedError, TransientError } from '@edgeveil/contracts';
import { pause } from '@edgeveil/module-kit';
import { sha256Of } from './describe-picture.ts';
import { fileFrameId, liveFrameId } from './frame-id.ts';
import { LiveWindow } from './live-window.ts';
import type { Source, SourceParts } from './source.ts';
import { type SourceFile, SourceFolder } from './source-folder.ts';
import { SourceState } from './source-state.ts';

/** How long an empty or unreadable folder is left alone. */
const IDLE_MS = 1000;
/** A file that was written to this recently may not be complete: it waits for the next round. */
const SETTLE_MS = 500;
/** Pictures that cannot be taken are remembered, and set aside once and not in every round; beyond this, again. */
const MAX_REMEMBERED_BAD = 10_000;

/** A live camera's stand-in: the pictures of a folder in the order of their names, over and over, at a steady pace. */
export class LoopSource implements Source {
  readonly #name: string;
  readonly #config: LoopSourceConfig;
  readonly #parts: SourceParts;
  readonly #folder: SourceFolder;
  readonly #state: SourceState;
  readonly #window: LiveWindow;
  readonly #bad = new Set<string>();
  #counter = 0;

  constructor(name: string, config: LoopSourceConfig, parts: SourceParts) {
    const { sourcesDir, store, owner, instance, maxLiveFrames, metrics } = parts;
    this.#name = name;
    this.#config = config;
    this.#parts = parts;
    this.#folder = new SourceFolder({ sourcesDir, path: config.path, recursive: false });
    this.#state = new SourceState({ source: name, ...parts });
    this.#window = new LiveWindow({
      source: name,
      store,
      owner,
      instance,
      maxFrames: maxLiveFrames,
      onDropped: () => metrics.frameDropped(name, 'stale'),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#recover(signal);
    const periodMs = 1000 / this.#config.framesPerSecond;
    // Not the wall clock: that one may be set back by hours.
    let dueMs = performance.now();
    while (!signal.aborted) {
      // Listed again for each round: pictures may be added while the loop runs.
      const files = await this.#list();
      this.#parts.beat();
      if (files.length === 0) {
        await pause(IDLE_MS, signal);
      }
      for (const file of files) {
        await pause(Math.max(0, dueMs - performance.now()), signal);
        if (signal.aborted) {
          return;
        }
        await this.capture(file);
        this.#parts.beat();
        // Frames that are late are skipped and not made up for, as a camera does.
        dueMs = Math.max(dueMs + periodMs, performance.now());
      }
    }
  }

  /** Takes one picture as if a camera had just seen it. */
  async capture(file: SourceFile): Promise<void> {
    const { gate, metrics, log } = this.#parts;
    const version = `${file.path}\n${file.size}\n${file.mtimeMs}`;
    if (this.#bad.has(version)) {
      metrics.frameDropped(this.#name, 'unreadable');
      return;
    }
    try {
      if (!gate.isOpen) {
        metrics.frameDropped(this.#name, 'store-full');
      } else if (!(await this.#window.makeRoom())) {
        metrics.frameDropped(this.#name, 'stale');
      } else {
        await this.#take(file, version);
      }
    } catch (error) {
      if (!(error instanceof TransientError)) {
        throw error;
      }
      if (error.code === 'STORE_DISK_FULL') {
        gate.diskFull();
        metrics.frameDropped(this.#name, 'store-full');
      } else {
        log.debug('frame not captured', { path: file.path, error });
        metrics.frameDropped(this.#name, 'unreadable');
      }
    }
  }

  async #take(file: SourceFile, version: string): Promise<void> {
    const bytes = await this.#folder.read(file);
    if (bytes === undefined) {
      return;
    }
    const { intake, clock } = this.#parts;
    const capturedAtMs = Math.floor(clock());
    const counter = this.#counter++;
    try {
      const frame = await intake.take({
        source: this.#name,
        guarantee: 'live',
        capturedAtMs,
        bytes,
        name: file.path,
        idOf: (contentSha256) => liveFrameId({ source: this.#name, capturedAtMs, counter, contentSha256 }),
      });
      this.#window.added(frame.id);
    } catch (error) {
      if (!(error instanceof RejectedError)) {
        throw error;
      }
      await this.#reject(file, bytes, error);
      if (this.#bad.size >= MAX_REMEMBERED_BAD) {
        this.#bad.clear();
      }
      this.#bad.add(version);
    }
  }

  async #reject(file: SourceFile, bytes: Buffer, error: RejectedError): Promise<void> {
    const { path, mtimeMs } = file;
    const id = fileFrameId({ source: this.#name, path, mtimeMs, contentSha256: sha256Of(bytes) });
    const content = { kind: 'bytes', bytes } as const;
    await this.#parts.intake.reject({ id, source: this.#name, name: path, content }, error, this.#parts.log);
  }

  async #list(): Promise<SourceFile[]> {
    try {
      const { files } = await this.#folder.list();
      this.#state.readable();
      const now = this.#parts.clock();
      return files
        .filter(({ mtimeMs }) => mtimeMs > now || now - mtimeMs >= SETTLE_MS)
        .sort((a, b) => (a.path < b.path ? -1 : 1));
    } catch (error) {
      if (!(error instanceof EdgeveilError)) {
        throw error;
      }
      this.#state.unreadable(error);
      return [];
    }
  }

  async #recover(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#window.recover();
        return;
      } catch (error) {
        if (!(error instanceof TransientError)) {
          throw error;
        }
        this.#parts.log.warn('frame store cannot be listed, retrying', { error });
        await pause(IDLE_MS, signal);
      }
    }
  }
}

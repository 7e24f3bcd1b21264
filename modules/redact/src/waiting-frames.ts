/** First and longest time between two frames of a source that go back to inference for a look at its model. */
export const FIRST_PROBE_MS = 10_000;
const LONGEST_PROBE_MS = 300_000;
/**
 * Ids remembered. Beyond it a frame is read again at each sweep, and may go back to inference sooner: costs time, no
 * frame.
 */
const MAX_REMEMBERED = 100_000;

interface SourceProbe {
  delayMs: number;
  dueAt: number;
}

interface Return {
  readonly at: number;
  readonly delayMs: number;
}

/**
 * Frames that wait because their model cannot find what the policy hides, and when one may go back to inference.
 *
 * The model may have changed without any new frame to show it: the store is full of frames that the old one has looked
 * at, so sources wait too. Giving all of them back would keep the GPU busy for nothing as long as the mistake lasts.
 * So one frame of a source goes back at a time, after 10 s, then 20 s, up to 5 minutes; its result shows which model
 * runs now. Once that one has all labels, the others are outdated and go back as fast as the sweep finds them. A frame
 * that has gone back before has to wait in the same growing steps, so that not even two models that take turns make it
 * go round in a circle.
 */
export class WaitingFrames {
  readonly #sources = new Map<string, string>();
  readonly #probes = new Map<string, SourceProbe>();
  readonly #returns = new Map<string, Return>();

  /** Frames known to wait. */
  get size(): number {
    return this.#sources.size;
  }

  /** Whether the frame need not be looked at until something changes. */
  has(id: string): boolean {
    return this.#sources.has(id);
  }

  add(id: string, source: string, now: number): void {
    if (this.#sources.size < MAX_REMEMBERED) this.#sources.set(id, source);
    if (!this.#probes.has(source)) this.#probes.set(source, { delayMs: FIRST_PROBE_MS, dueAt: now + FIRST_PROBE_MS });
  }

  delete(id: string): void {
    this.#sources.delete(id);
  }

  /** Twin or model have changed: all are to be looked at again. */
  clear(): void {
    this.#sources.clear();
    this.#probes.clear();
  }

  /** One frame of each source whose time has come. Each is then no longer known to wait. */
  takeProbes(now: number): string[] {
    const taken: string[] = [];
    for (const [source, probe] of this.#probes) {
      if (probe.dueAt > now) continue;
      const id = this.#firstOf(source);
      if (id === undefined) continue;
      this.#sources.delete(id);
      taken.push(id);
      probe.delayMs = Math.min(probe.delayMs * 2, LONGEST_PROBE_MS);
      probe.dueAt = now + probe.delayMs;
    }
    return taken;
  }

  /** Whether an outdated frame may go back by now. */
  mayReturn(id: string, now: number): boolean {
    const last = this.#returns.get(id);
    return last === undefined || last.at + last.delayMs <= now;
  }

  /** The frame goes back to inference. */
  noteReturn(id: string, now: number): void {
    const last = this.#returns.get(id);
    const delayMs = last === undefined ? FIRST_PROBE_MS : Math.min(last.delayMs * 2, LONGEST_PROBE_MS);
    this.#returns.delete(id);
    this.#returns.set(id, { at: now, delayMs });
    if (this.#returns.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#returns.keys()) {
      this.#returns.delete(oldest);
      break;
    }
  }

  wasReturned(id: string): boolean {
    return this.#returns.has(id);
  }

  /** The frame has come to its end. */
  forget(id: string): void {
    this.#sources.delete(id);
    this.#returns.delete(id);
  }

  #firstOf(source: string): string | undefined {
    for (const [id, of] of this.#sources) if (of === source) return id;
    return undefined;
  }
}

import type { Event } from '@edgeveil/contracts';
import type { Log } from '@edgeveil/module-kit';

export interface StoreGateOptions {
  readonly usage: () => { readonly bytes: number };
  readonly maxBytes: () => number;
  readonly log: Log;
  readonly postEvent: (event: Event) => void;
  readonly clock?: () => number;
}

/** Opens again only below this share of the bound, so that it does not flap with every settled frame. */
const REOPEN_SHARE = 0.9;
const DISK_FULL_PAUSE_MS = 5000;

/** Back-pressure: whether the frame store may take more. Says so once when that changes. */
export class StoreGate {
  readonly #options: StoreGateOptions;
  readonly #clock: () => number;
  #isOpen = true;
  #diskFullUntil = Number.NEGATIVE_INFINITY;

  constructor(options: StoreGateOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
  }

  /** Asked before each frame. The figure behind it is up to a second old, so the bound may be overshot by that much. */
  get isOpen(): boolean {
    const { usage, maxBytes } = this.#options;
    const bound = this.#isOpen ? maxBytes() : maxBytes() * REOPEN_SHARE;
    this.#set(usage().bytes < bound && this.#clock() >= this.#diskFullUntil);
    return this.#isOpen;
  }

  /** The disk refused a frame: nothing is tried for a while, whatever the bound says. */
  diskFull(): void {
    this.#diskFullUntil = this.#clock() + DISK_FULL_PAUSE_MS;
    this.#set(false);
  }

  #set(isOpen: boolean): void {
    if (isOpen === this.#isOpen) {
      return;
    }
    this.#isOpen = isOpen;
    const details = { bytes: this.#options.usage().bytes, maxBytes: this.#options.maxBytes() };
    const at = new Date(this.#clock()).toISOString();
    if (isOpen) {
      this.#options.log.info('frame store takes frames again', details);
      const message = 'the frame store takes frames again';
      this.#options.postEvent({ code: 'FRAME_STORE_FREE', level: 'info', message, at, details });
    } else {
      const isDiskFull = this.#clock() < this.#diskFullUntil;
      this.#options.log.warn('frame store full, intake waits', { ...details, isDiskFull });
      const message = isDiskFull ? 'no space left for the frame store' : 'the frame store has reached its bound';
      this.#options.postEvent({ code: 'FRAME_STORE_FULL', level: 'warn', message, at, details });
    }
  }
}

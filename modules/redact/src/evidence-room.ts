import { pause } from '@edgeveil/module-kit';

/** Why no evidence can be stored. */
export interface RoomBlock {
  readonly code: 'EVIDENCE_STORE_FULL' | 'EVIDENCE_DISK_FULL';
  readonly message: string;
}

export interface EvidenceRoomOptions {
  /** Bytes in the evidence store. */
  readonly usedBytes: () => number;
  readonly maxBytes: number;
  /** Called when evidence can no longer be stored, with the reason, and when it can again. */
  readonly onChange: (block: RoomBlock | undefined) => void;
}

const ASK_AGAIN_MS = 500;
/**
 * A store that was full has room again below this share of its bound: else each picture taken from it would make news
 * twice.
 */
const ROOM_AGAIN = 0.9;
/** A full disk is tried again this often: with a frame, since nothing else tells. */
const DISK_PAUSE_MS = 5_000;

/**
 * The bound of the evidence store. At it redaction waits and the frames stay where they are, so that in the end the
 * sources are slowed; nothing is dropped. It may be passed by as many pictures as are redacted at once.
 */
export class EvidenceRoom {
  readonly #options: EvidenceRoomOptions;
  #maxBytes: number;
  #block: RoomBlock | undefined;
  #diskFullUntil = 0;

  constructor(options: EvidenceRoomOptions) {
    this.#options = options;
    this.#maxBytes = options.maxBytes;
  }

  get block(): RoomBlock | undefined {
    return this.#block;
  }

  setMaxBytes(maxBytes: number): void {
    this.#maxBytes = maxBytes;
  }

  /** Waits until there is room. False when the signal came first. */
  async wait(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const block = this.#find();
      // A disk counts as full until something was stored on it.
      if (block !== undefined || this.#block?.code !== 'EVIDENCE_DISK_FULL') this.#set(block);
      if (block === undefined) return true;
      await pause(ASK_AGAIN_MS, signal);
    }
    return false;
  }

  /** Storing failed for want of space on the disk. */
  noteDiskFull(message: string): void {
    this.#diskFullUntil = performance.now() + DISK_PAUSE_MS;
    this.#set({ code: 'EVIDENCE_DISK_FULL', message });
  }

  noteStored(): void {
    this.#diskFullUntil = 0;
    if (this.#block?.code === 'EVIDENCE_DISK_FULL') this.#set(undefined);
  }

  #find(): RoomBlock | undefined {
    if (performance.now() < this.#diskFullUntil) return this.#block;
    const limit = this.#block?.code === 'EVIDENCE_STORE_FULL' ? this.#maxBytes * ROOM_AGAIN : this.#maxBytes;
    if (this.#options.usedBytes() < limit) return undefined;
    return { code: 'EVIDENCE_STORE_FULL', message: `the evidence store is at its bound of ${this.#maxBytes} bytes` };
  }

  #set(block: RoomBlock | undefined): void {
    const isChange = block?.code !== this.#block?.code;
    this.#block = block;
    if (isChange) this.#options.onChange(block);
  }
}

import { type EndpointName, RejectedError, TransientError } from '@edgeveil/contracts';
import type { HubLink } from '../hub/hub-link.ts';
import type { Log } from '../log.ts';
import type { Output } from '../output.ts';
import { pause } from '../pause.ts';
import { type RetryDelayOptions, retryDelays } from '../retry-delays.ts';
import { envelopeBytes, type PackedItem, packItem, packMessage } from './output-message.ts';

/** edgeHub takes 256 KB with properties; the rest is headroom for what it adds. */
const MAX_BODY_BYTES = 200 * 1024;
const MAX_MESSAGE_ITEMS = 500;
const WARN_AFTER = 3;

interface Waiting extends PackedItem {
  /** Absent for a hint that was posted: nobody waits for it. */
  readonly settle?: { readonly resolve: () => void; readonly reject: (error: unknown) => void };
}

export interface BatchingOutputOptions {
  readonly name: EndpointName;
  readonly link: Pick<HubLink, 'use'>;
  readonly log: Log;
  /** Most items, and most bytes of them, that may wait. */
  readonly maxItems?: number;
  readonly maxBytes?: number;
  readonly delays?: RetryDelayOptions;
  readonly onSent?: (items: number) => void;
  readonly onDropped?: () => void;
}

/** `Output` with one message under way; what gathers meanwhile is the next one. */
export class BatchingOutput<Item> implements Output<Item> {
  readonly #options: BatchingOutputOptions;
  readonly #maxItems: number;
  readonly #maxBytes: number;
  readonly #stopping = new AbortController();
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #underWay = 0;
  #roomWaiters: (() => void)[] = [];
  #pump: Promise<void> | undefined;

  constructor(options: BatchingOutputOptions) {
    this.#options = options;
    this.#maxItems = options.maxItems ?? 2000;
    this.#maxBytes = options.maxBytes ?? 8 * 1024 * 1024;
  }

  get waiting(): number {
    return this.#queue.length + this.#underWay;
  }

  async send(item: Item): Promise<void> {
    const packed = this.#pack(item);
    while (this.#roomWaiters.length > 0 || !this.#hasRoom(packed.bytes)) {
      if (this.#stopping.signal.aborted) throw this.#stopped();
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
    }
    if (this.#stopping.signal.aborted) throw this.#stopped();
    await new Promise<void>((resolve, reject) => this.#push({ ...packed, settle: { resolve, reject } }));
  }

  post(item: Item): void {
    let packed: PackedItem;
    try {
      packed = this.#pack(item);
    } catch (error) {
      this.#options.log.warn('hint too large', { output: this.#options.name, error });
      this.#options.onDropped?.();
      return;
    }
    while (this.#roomWaiters.length > 0 || !this.#hasRoom(packed.bytes)) {
      if (!this.#dropOldestHint()) {
        this.#options.onDropped?.();
        return;
      }
    }
    if (!this.#stopping.signal.aborted) this.#push(packed);
  }

  /** Waits until all has been sent or the signal aborts; what is left then is given up, and `send` rejects. */
  async close(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#stopping.abort();
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    await this.#pump;
    signal.removeEventListener('abort', onAbort);
    this.#stopping.abort();
    for (const { settle } of this.#queue.splice(0)) settle?.reject(this.#stopped());
    this.#queuedBytes = 0;
    this.#offerRoom();
  }

  #pack(item: Item): PackedItem {
    const packed = packItem(item);
    const maxBytes = MAX_BODY_BYTES - envelopeBytes(this.#options.name);
    if (packed.bytes <= maxBytes) return packed;
    const message = `an item of ${packed.bytes} bytes does not fit a message of output ${this.#options.name}`;
    throw new RejectedError('OUTPUT_ITEM_TOO_LARGE', message, { details: { bytes: packed.bytes, maxBytes } });
  }

  #hasRoom(bytes: number): boolean {
    if (this.#queue.length === 0) return true;
    return this.#queue.length < this.#maxItems && this.#queuedBytes + bytes <= this.#maxBytes;
  }

  #push(item: Waiting): void {
    this.#queue.push(item);
    this.#queuedBytes += item.bytes;
    this.#pump ??= this.#run();
  }

  #dropOldestHint(): boolean {
    const index = this.#queue.findIndex((waiting) => waiting.settle === undefined);
    const [dropped] = index === -1 ? [] : this.#queue.splice(index, 1);
    if (dropped === undefined) return false;
    this.#queuedBytes -= dropped.bytes;
    this.#options.onDropped?.();
    return true;
  }

  async #run(): Promise<void> {
    // Items of the same turn travel together.
    await Promise.resolve();
    while (this.#queue.length > 0 && !this.#stopping.signal.aborted) {
      const batch = this.#takeBatch();
      this.#underWay = batch.length;
      this.#offerRoom();
      try {
        await this.#deliver(batch);
        for (const { settle } of batch) settle?.resolve();
        this.#options.onSent?.(batch.length);
      } catch (error) {
        for (const { settle } of batch) settle?.reject(error);
      }
      this.#underWay = 0;
    }
    // In the same turn as the look at the empty queue: what is pushed next starts a new pump.
    this.#pump = undefined;
  }

  #takeBatch(): readonly Waiting[] {
    let bytes = envelopeBytes(this.#options.name);
    let count = 0;
    for (const { bytes: itemBytes } of this.#queue) {
      if (count >= MAX_MESSAGE_ITEMS || (count > 0 && bytes + itemBytes + 1 > MAX_BODY_BYTES)) break;
      bytes += itemBytes + 1;
      count += 1;
    }
    const batch = this.#queue.splice(0, count);
    for (const item of batch) this.#queuedBytes -= item.bytes;
    return batch;
  }

  async #deliver(batch: readonly Waiting[]): Promise<void> {
    const { delays, link, log, name } = this.#options;
    const message = packMessage(name, batch);
    const signal = this.#stopping.signal;
    let failures = 0;
    for (const delayMs of retryDelays(delays ?? { firstMs: 100, maxMs: 10_000 })) {
      if (signal.aborted) break;
      try {
        await link.use((client) => client.sendOutput(name, message), signal);
        return;
      } catch (error) {
        failures += 1;
        // A lost connection tells of itself; a message that fails again and again does not.
        if (!signal.aborted && failures === WARN_AFTER)
          log.warn('message not delivered', { output: name, failures, error });
      }
      await pause(delayMs, signal);
    }
    throw this.#stopped();
  }

  #offerRoom(): void {
    for (const resolve of this.#roomWaiters.splice(0)) resolve();
  }

  #stopped(): TransientError {
    return new TransientError('OUTPUT_STOPPED', `output ${this.#options.name} stopped before the hub had the item`);
  }
}

import { toBody } from '../store/message-head.ts';
import type { QueueStatements } from './queue-statements.ts';

/** A message in the queue of one endpoint and priority, as it lies in the store. */
export interface QueuedMessage {
  /** Rises within its queue, in the order of storing; no two queues share a number. */
  readonly seq: number;
  /** What goes with the body: the queue's users say in which form. */
  readonly head: string;
  readonly body: Buffer;
  /** Milliseconds since 1970; `undefined` for ever. */
  readonly expiresAt: number | undefined;
  /** What it counts for in the queue's bytes. */
  readonly size: number;
}

/** The numbers of a queue: its id times this, plus a running number. A queue is one range of the table, its oldest message the first row. */
export const queueStride = 2 ** 40;

/** How many queues' numbers a JavaScript number can tell apart. */
export const maxQueues = Math.floor(Number.MAX_SAFE_INTEGER / queueStride) - 1;

// A row's own cost in the table besides head and body.
const rowBytes = 24;

interface Counts {
  readonly messages: number;
  readonly bytes: number;
  readonly last: number;
}

/** The stored messages of one endpoint and priority, with their count kept in memory. */
export class StoredQueue {
  readonly endpoint: string;
  readonly priority: number;
  readonly id: number;
  readonly #statements: QueueStatements;
  readonly #touched: Set<StoredQueue>;
  readonly #removals: Set<StoredQueue>;
  #messages: number;
  #bytes: number;
  #last: number;
  #isRegistered: boolean;
  #before: (Counts & { readonly isRegistered: boolean }) | undefined;
  #deliveredUpTo = 0;
  #clearedUpTo = 0;
  #isForgotten = false;

  constructor(options: {
    readonly endpoint: string;
    readonly priority: number;
    readonly id: number;
    readonly statements: QueueStatements;
    /** Queues that the transaction under way has changed, and queues with removals for the next: this one adds itself. */
    readonly touched: Set<StoredQueue>;
    readonly removals: Set<StoredQueue>;
    /** What an earlier run left; `undefined` for a new queue. */
    readonly stored: Counts | undefined;
  }) {
    this.endpoint = options.endpoint;
    this.priority = options.priority;
    this.id = options.id;
    this.#statements = options.statements;
    this.#touched = options.touched;
    this.#removals = options.removals;
    this.#messages = options.stored?.messages ?? 0;
    this.#bytes = options.stored?.bytes ?? 0;
    this.#last = Math.max(options.stored?.last ?? 0, this.#base);
    this.#isRegistered = options.stored !== undefined;
  }

  /** Messages that wait. */
  get messages(): number {
    return this.#messages;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Inside a transaction of the caller's. */
  append(head: string, body: Buffer, expiresAt: number | undefined): QueuedMessage {
    this.#touch();
    if (!this.#isRegistered) {
      this.#statements.register.run(this.id, this.endpoint, this.priority);
      this.#isRegistered = true;
    }
    const seq = this.#last + 1;
    const size = sizeOf(head, body);
    this.#statements.append.run(seq, expiresAt ?? null, size, head, body);
    this.#last = seq;
    this.#messages += 1;
    this.#bytes += size;
    return { seq, head, body, expiresAt, size };
  }

  /** The oldest messages behind `afterSeq`, up to about so many bytes and at least one. */
  read(afterSeq: number, maxMessages: number, maxBytes: number): QueuedMessage[] {
    const messages: QueuedMessage[] = [];
    let bytes = 0;
    for (const row of this.#statements.read.iterate(Math.max(afterSeq, this.#base), this.#end, maxMessages)) {
      messages.push({
        seq: Number(row.seq),
        head: String(row.head),
        body: toBody(row.body),
        expiresAt: row.expires_at === null ? undefined : Number(row.expires_at),
        size: Number(row.size),
      });
      bytes += Number(row.size);
      if (bytes >= maxBytes) break;
    }
    return messages;
  }

  /** The oldest message is delivered, or its time is over: it counts no more, and goes from the store with the next transaction. */
  shift({ seq, size }: QueuedMessage): void {
    if (this.#isForgotten) return;
    this.#messages -= 1;
    this.#bytes -= size;
    this.#deliveredUpTo = seq;
    this.#removals.add(this);
  }

  /** Inside a transaction of the caller's: takes the oldest messages out of the store at once. */
  removeNow(messages: readonly QueuedMessage[]): void {
    const last = messages.at(-1);
    if (last === undefined) return;
    this.#touch();
    this.#statements.removeUpTo.run(this.#base, last.seq);
    this.#messages -= messages.length;
    for (const { size } of messages) this.#bytes -= size;
  }

  /** Inside a transaction: deletes what has expired behind `afterSeq`. @returns how many */
  expire(afterSeq: number, now: number): number {
    const range = [Math.max(afterSeq, this.#base), this.#end, now] as const;
    const { count, bytes } = this.#statements.countExpired.get(...range) ?? {};
    if (Number(count) === 0) return 0;
    this.#touch();
    this.#statements.expire.run(...range);
    this.#messages -= Number(count);
    this.#bytes -= Number(bytes);
    return Number(count);
  }

  /** Inside a transaction: deletes the queue with all that is in it. */
  drop(): void {
    this.#touch();
    this.#statements.removeUpTo.run(this.#base, this.#end);
    this.#statements.unregister.run(this.id);
    this.#messages = 0;
    this.#bytes = 0;
    this.#isRegistered = false;
  }

  /** The queue was dropped. Its numbers may be another queue's from here on, so that a delivery that ends late must not touch them. */
  forget(): void {
    this.#isForgotten = true;
  }

  /** Deletes what `shift` has taken. */
  writeRemovals(): void {
    this.#statements.removeUpTo.run(this.#base, this.#deliveredUpTo);
    this.#clearedUpTo = this.#deliveredUpTo;
  }

  removalsRolledBack(): void {
    this.#clearedUpTo = 0;
  }

  /** Whether all that `shift` has taken is deleted in the store. */
  get isCleared(): boolean {
    return this.#clearedUpTo === this.#deliveredUpTo;
  }

  committed(): void {
    this.#before = undefined;
  }

  rolledBack(): void {
    if (this.#before === undefined) return;
    this.#messages = this.#before.messages;
    this.#bytes = this.#before.bytes;
    this.#last = this.#before.last;
    this.#isRegistered = this.#before.isRegistered;
    this.#before = undefined;
  }

  get #base(): number {
    return this.id * queueStride;
  }

  get #end(): number {
    return this.#base + queueStride;
  }

  #touch(): void {
    if (this.#before !== undefined) return;
    this.#before = {
      messages: this.#messages,
      bytes: this.#bytes,
      last: this.#last,
      isRegistered: this.#isRegistered,
    };
    this.#touched.add(this);
  }
}

/** What a message counts for in a queue's bytes. */
export function sizeOf(head: string, body: Buffer): number {
  return head.length + body.length + rowBytes;
}

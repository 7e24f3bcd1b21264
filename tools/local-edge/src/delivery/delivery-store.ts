import type { DatabaseSync } from 'node:sqlite';
import type { EdgeEmitter } from '../events.ts';
import { maxPacketBytes } from '../mqtt/packet-limit.ts';
import { DiskReserve } from '../store/disk-reserve.ts';
import { GroupCommit } from '../store/group-commit.ts';
import { SettingsStore } from '../store/settings-store.ts';
import { QueueStore } from './queue-store.ts';
import { UpstreamLink } from './upstream-link.ts';
import { type UpstreamBounds, UpstreamStore } from './upstream-store.ts';

export interface DeliveryStoreOptions {
  readonly database: DatabaseSync;
  /** What all queues together may hold. One message is always taken. */
  readonly maxQueueBytes: number;
  readonly upstream: UpstreamBounds;
  readonly events: EdgeEmitter;
  readonly clock: () => number;
}

const offlineSetting = 'upstream-offline';

/** All that the hub keeps of messages, and the transactions in which it changes. */
export class DeliveryStore {
  readonly queues: QueueStore;
  readonly upstream: UpstreamStore;
  readonly link: UpstreamLink;
  readonly commit: GroupCommit;
  readonly #events: EdgeEmitter;
  readonly #settings: SettingsStore;

  constructor({ database, maxQueueBytes, upstream, events, clock }: DeliveryStoreOptions) {
    this.#events = events;
    this.#settings = new SettingsStore(database);
    this.queues = new QueueStore(database);
    this.upstream = new UpstreamStore(database, upstream);
    this.link = new UpstreamLink({
      queues: this.queues,
      store: this.upstream,
      clock,
      isOffline: this.#settings.get(offlineSetting) === 'true',
      wake: () => this.commit.next(),
      onArrived: (message) => events.emit('upstream', message),
      onExpired: ({ seq }) => events.emit('expired', { endpoint: '$upstream', seq }),
    });
    this.commit = new GroupCommit({
      database,
      ledgers: [this.queues, this.upstream, this.link],
      hasRoom: (bytes) => {
        const held = this.queues.bytes;
        return bytes === 0 || held === 0 || held + bytes <= maxQueueBytes;
      },
      reserve: DiskReserve.open(database),
      onRefused: (error) => {
        const largest = this.queues.status().toSorted((a, b) => b.bytes - a.bytes)[0];
        const { bytes } = this.queues;
        const held =
          bytes + maxPacketBytes <= maxQueueBytes
            ? 'the disk has no room but for what will free it'
            : `the queues hold ${bytes} of ${maxQueueBytes} bytes`;
        const details = {
          error: error?.message ?? held,
          ...(largest === undefined ? {} : { largestQueue: largest.endpoint }),
        };
        this.#warn('messages cannot be stored, senders wait', details);
      },
      onAccepted: () => this.#warn('messages can be stored again', {}),
    });
    if (this.link.isOffline) this.#warn('$upstream is off, as it was when the hub was stopped', {});
    if (!this.link.isOffline) this.commit.next();
  }

  /** Cuts the way to the cloud, or opens it; stays so over a restart. */
  setOffline(isOffline: boolean): void {
    if (isOffline === this.link.isOffline) return;
    this.link.setOffline(isOffline);
    try {
      this.#settings.set(offlineSetting, String(isOffline));
    } catch (error) {
      this.#warn('whether $upstream is off could not be stored', { error: String(error) });
    }
  }

  #warn(message: string, details: Readonly<Record<string, unknown>>): void {
    this.#events.emit('warning', { message, details });
  }
}

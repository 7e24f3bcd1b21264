import { TransientError } from '@edgeveil/contracts';
import { desiredDocument } from '../hub/desired-document.ts';
import type { DesiredDocument, HubClient, HubListeners, OutputMessage } from '../hub/hub-client.ts';
import type { FakeHub } from './fake-hub.ts';

/** One connection to a `FakeHub`. */
export class FakeHubClient implements HubClient {
  readonly listeners: HubListeners;
  readonly methods = new Set<string>();
  readonly lost: Promise<Error>;
  readonly lose: (error: Error) => void;
  readonly #hub: FakeHub;
  #isOver = false;

  constructor(hub: FakeHub, listeners: HubListeners) {
    this.#hub = hub;
    this.listeners = listeners;
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.lost = promise;
    this.lose = (error) => {
      this.#isOver = true;
      resolve(error);
    };
  }

  async readDesired(): Promise<DesiredDocument> {
    this.#check();
    const { desired, $version } = this.#hub.document;
    return desiredDocument({ desired: { ...desired, $version } });
  }

  async updateReported(patch: Readonly<Record<string, unknown>>): Promise<void> {
    this.#check();
    await this.#hub.merge(patch);
    this.#check();
  }

  async sendOutput(output: string, message: OutputMessage): Promise<void> {
    this.#check();
    await this.#hub.store(output, message);
    this.#check();
  }

  serveMethods(names: readonly string[]): void {
    for (const name of names) this.methods.add(name);
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.#hub.closed(this);
  }

  /** What was under way when the connection broke fails, although the hub may have it: as with a PUBACK that was lost. */
  #check(): void {
    if (this.#isOver || !this.#hub.isReachable) throw new TransientError('HUB_CONNECTION_LOST', 'not connected');
  }
}

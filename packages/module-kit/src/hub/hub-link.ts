import { TransientError } from '@edgeveil/contracts';
import type { Log } from '../log.ts';
import { pause } from '../pause.ts';
import { type RetryDelayOptions, retryDelays } from '../retry-delays.ts';
import { within } from '../within.ts';
import type { ConnectHub, HubClient, HubListeners } from './hub-client.ts';

/** Before the SDK renews its token (45 minutes): a renewal re-subscribes nothing, and fails with an uncaught error when the workload API is away. */
const DEFAULT_MAX_SESSION_MS = 40 * 60_000;
/** So that modules that started together do not all reconnect together. */
const SESSION_JITTER = 0.1;
const STABLE_AFTER_MS = 10_000;
const HAND_OVER_TIMEOUT_MS = 10_000;

export interface HubLinkOptions {
  readonly connect: ConnectHub;
  readonly listeners: HubListeners;
  readonly log: Log;
  /** Called with each new connection; the signal aborts when it is over. */
  readonly onSession: (client: HubClient, signal: AbortSignal) => void;
  /** Called with a failure that is no TransientError: a bug. */
  readonly crash: (error: unknown) => void;
  readonly onState: (isConnected: boolean, reason?: string) => void;
  readonly maxSessionMs?: number;
  readonly delays?: RetryDelayOptions;
}

/**
 * Keeps a connection to the hub: a new client for each attempt, for ever, with back-off; a new one too when a session grows
 * old, so that tokens, subscriptions and the twin are always fresh.
 */
export class HubLink {
  readonly #options: HubLinkOptions;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;
  #client: HubClient | undefined;
  #wasConnected = false;
  #underWay = new Set<Promise<unknown>>();
  #waiters: ((client: HubClient) => void)[] = [];

  constructor(options: HubLinkOptions) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#client !== undefined;
  }

  start(): void {
    this.#loop ??= this.#run().catch(this.#options.crash);
  }

  /**
   * Runs an operation on the present connection, or on the next one when there is none.
   * Rejects with the operation's failure, or when the signal aborts while it waits.
   */
  async use<T>(operation: (client: HubClient) => Promise<T>, signal: AbortSignal): Promise<T> {
    const client = this.#client ?? (await this.#nextClient(signal));
    const running = operation(client);
    this.#underWay.add(running);
    try {
      return await running;
    } finally {
      this.#underWay.delete(running);
    }
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  #nextClient(signal: AbortSignal): Promise<HubClient> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiters = this.#waiters.filter((waiter) => waiter !== onClient);
        reject(signal.reason);
      };
      const onClient = (client: HubClient) => {
        signal.removeEventListener('abort', onAbort);
        resolve(client);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.push(onClient);
    });
  }

  async #run(): Promise<void> {
    const signal = this.#stopping.signal;
    const { connect, listeners, log, onState, delays: delayOptions = { firstMs: 200, maxMs: 10_000 } } = this.#options;
    let delays = retryDelays(delayOptions);
    let lastFailure: string | undefined;
    while (!signal.aborted) {
      try {
        const client = await connect(listeners, signal);
        lastFailure = undefined;
        const startedMs = performance.now();
        const isLost = await this.#serve(client);
        if (performance.now() - startedMs > STABLE_AFTER_MS || !isLost) delays = retryDelays(delayOptions);
        if (!isLost) continue;
      } catch (error) {
        if (signal.aborted) break;
        this.#wasConnected = false;
        if (!(error instanceof TransientError)) throw error;
        const failure = reasonOf(error);
        onState(false, failure);
        if (failure !== lastFailure) log.warn('hub not in reach', { error });
        lastFailure = failure;
      }
      await pause(delays.next().value, signal);
    }
  }

  /** Resolves when the session is over: true if the connection was lost, false if it was ended on purpose. */
  async #serve(client: HubClient): Promise<boolean> {
    const { log, onSession, onState, maxSessionMs = DEFAULT_MAX_SESSION_MS } = this.#options;
    const session = new AbortController();
    this.#client = client;
    onState(true);
    // A connection that replaces an old one is no news.
    if (!this.#wasConnected) log.info('hub connected');
    this.#wasConnected = true;
    onSession(client, session.signal);
    for (const resolve of this.#waiters.splice(0)) resolve(client);
    const timer = AbortSignal.any([session.signal, this.#stopping.signal]);
    const lost = await Promise.race([
      client.lost,
      pause(maxSessionMs * (1 - SESSION_JITTER * Math.random()), timer).then(() => undefined),
    ]);
    this.#client = undefined;
    if (lost !== undefined) {
      this.#wasConnected = false;
      onState(false, reasonOf(lost));
      log.warn('hub connection lost', { error: lost });
    } else {
      // Operations under way finish on the old connection; new ones wait for the next.
      const finished = Promise.allSettled(this.#underWay);
      await within(finished, {
        timeoutMs: HAND_OVER_TIMEOUT_MS,
        what: 'hand-over',
        signal: this.#stopping.signal,
      }).catch(() => {});
    }
    session.abort();
    await client.close();
    return lost !== undefined;
  }
}

function reasonOf(error: unknown): string {
  const parts: string[] = [];
  for (let inner = error; inner instanceof Error && parts.length < 4; inner = inner.cause) parts.push(inner.message);
  return parts.join(': ') || String(error);
}

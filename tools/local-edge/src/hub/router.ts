import { setTimeout as delay } from 'node:timers/promises';
import { EndpointPump } from '../delivery/endpoint-pump.ts';
import { EndpointQueue } from '../delivery/endpoint-queue.ts';
import { ModuleChannel } from '../delivery/module-channel.ts';
import type { QueuedMessage, QueueStore } from '../delivery/queue-store.ts';
import type { UpstreamMessage, UpstreamStore } from '../delivery/upstream-store.ts';
import type { EdgeEmitter } from '../events.ts';
import type { EdgeMessage } from '../mqtt/edge-message.ts';
import type { Endpoint } from '../routing/endpoint.ts';
import { evaluateRoutes, type RouteResult } from '../routing/evaluate-routes.ts';
import type { Route } from '../routing/route.ts';
import type { GroupCommit } from '../store/group-commit.ts';

export interface RouterOptions {
  readonly deviceId: string;
  readonly queues: QueueStore;
  readonly upstream: UpstreamStore;
  readonly commit: GroupCommit;
  readonly events: EdgeEmitter;
  readonly ackTimeoutMs: number;
  readonly clock: () => number;
}

type ModuleEndpoint = Endpoint & { kind: 'module' };

const cleanupIntervalMs = 1_800_000;
const refusedRetryMs = 500;

/** Stores every message once for each endpoint that a route leads to, and brings it there. */
export class Router {
  readonly #options: RouterOptions;
  readonly #channels = new Map<string, ModuleChannel>();
  readonly #pumps = new Map<string, EndpointPump>();
  /** Pumps of endpoints that are gone, with a last delivery under way. */
  readonly #ending = new Set<Promise<void>>();
  #routes: readonly Route[] = [];
  #timeToLiveSecs = 7200;
  #cleanup: NodeJS.Timeout | undefined;
  readonly #stopping = new AbortController();
  #isRefused = false;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  get routes(): readonly Route[] {
    return this.#routes;
  }

  /**
   * Takes a new set of routes, at any time. What waits for an endpoint to which no route leads any more is deleted, as by edgeHub; what waits for
   * the others stays, with the priority and the time to live that it was stored with.
   */
  setRoutes(routes: readonly Route[], timeToLiveSecs: number): void {
    // What is on its way to the disk was routed by the old set.
    this.#options.commit.flush();
    this.#routes = routes;
    this.#timeToLiveSecs = timeToLiveSecs;
    const endpoints = new Set<string>();
    for (const { endpoint } of routes) {
      if (endpoint.kind !== 'module') continue;
      endpoints.add(endpoint.id);
      this.#pump(endpoint);
    }
    for (const [id, pump] of this.#pumps) {
      if (endpoints.has(id)) continue;
      this.#pumps.delete(id);
      const ending = pump.stop().finally(() => this.#ending.delete(ending));
      this.#ending.add(ending);
    }
    for (const stored of this.#options.queues.endpoints()) {
      if (endpoints.has(stored)) continue;
      const dropped = this.#options.queues.dropEndpoint(stored);
      this.#options.events.emit('warning', {
        message: 'no route leads to the endpoint any more, its messages are deleted',
        details: { endpoint: stored, dropped },
      });
    }
    this.#cleanup ??= setInterval(() => void this.#expire(), cleanupIntervalMs).unref();
  }

  /** The way to a module's inputs. */
  channel(moduleId: string): ModuleChannel {
    let channel = this.#channels.get(moduleId);
    if (channel === undefined) {
      channel = new ModuleChannel(this.#options.deviceId, moduleId, this.#options.ackTimeoutMs);
      this.#channels.set(moduleId, channel);
    }
    return channel;
  }

  /** Resolves, with where it goes, when the message is stored for all its endpoints: only then may its sender be told. */
  async route(message: EdgeMessage): Promise<readonly RouteResult[]> {
    const results = evaluateRoutes(this.#routes, message);
    await this.store(message, results);
    return results;
  }

  /** Stores a message for endpoints that are known already. */
  async store(message: EdgeMessage, results: readonly RouteResult[]): Promise<void> {
    const { events } = this.#options;
    const stored: (() => void)[] = [];
    if (results.length > 0) {
      await this.#persist(() => {
        stored.length = 0;
        for (const result of results) stored.push(this.#append(message, result));
      });
    }
    events.emit('message', { message, results });
    for (const announce of stored) announce();
  }

  /** Ends all deliveries; what was not acknowledged stays stored. */
  async stop(): Promise<void> {
    clearInterval(this.#cleanup);
    this.#stopping.abort();
    await Promise.all([...[...this.#pumps.values()].map((pump) => pump.stop()), ...this.#ending]);
    this.#options.commit.flush();
  }

  // A disk that refuses is back-pressure: the sender waits for its acknowledgement, and aedes reads no further from it, until there is room.
  async #persist(write: () => void): Promise<void> {
    const { commit, upstream, events } = this.#options;
    for (;;) {
      try {
        await commit.run(write);
        if (this.#isRefused) events.emit('warning', { message: 'messages can be stored again', details: {} });
        this.#isRefused = false;
        return;
      } catch (error) {
        upstream.recount();
        if (this.#stopping.signal.aborted) throw error;
        if (!this.#isRefused) {
          const details = { error: error instanceof Error ? error.message : String(error) };
          events.emit('warning', { message: 'messages cannot be stored, senders wait', details });
        }
        this.#isRefused = true;
        await delay(refusedRetryMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
    }
  }

  // Runs inside the transaction; what it returns runs after the commit.
  #append(message: EdgeMessage, { endpoint, priority, timeToLiveSecs }: RouteResult): () => void {
    const { queues, upstream, events, clock } = this.#options;
    const now = clock();
    if (endpoint.kind === 'upstream') {
      const entry: UpstreamMessage = upstream.append(message, now);
      return () => events.emit('upstream', entry);
    }
    const ttlSecs = timeToLiveSecs === 0 ? this.#timeToLiveSecs : timeToLiveSecs;
    const expiresAt = ttlSecs < 0 ? undefined : now + ttlSecs * 1000;
    const seq = queues.append(endpoint.id, priority, message, now, expiresAt);
    const queued: QueuedMessage = { seq, message, expiresAt };
    // The endpoint may have gone meanwhile, and the message with it.
    return () => this.#pumps.get(endpoint.id)?.push(priority, queued);
  }

  #pump(endpoint: ModuleEndpoint): EndpointPump {
    const known = this.#pumps.get(endpoint.id);
    if (known !== undefined) return known;
    const { queues, commit, events, clock } = this.#options;
    const channel = this.channel(endpoint.module);
    const pump = new EndpointPump({
      queue: new EndpointQueue(queues, endpoint.id),
      delivery: { deliver: ({ message }, signal) => channel.deliver(endpoint.input, message, signal) },
      remove: ({ seq }, reason) => {
        // Not waited for: when the hub is killed before the commit, the message is delivered once more.
        commit
          .run(() => queues.remove(seq))
          .catch((error: unknown) => {
            events.emit('warning', {
              message: 'a delivered message could not be removed',
              details: { error: String(error) },
            });
          });
        if (reason === 'expired') events.emit('expired', { endpoint: endpoint.id, seq });
        else events.emit('delivered', { module: endpoint.module, input: endpoint.input, seq });
      },
      clock,
    });
    this.#pumps.set(endpoint.id, pump);
    pump.start();
    return pump;
  }

  async #expire(): Promise<void> {
    const { commit, queues, clock, events } = this.#options;
    try {
      await commit.run(() => queues.expire(clock()));
    } catch (error) {
      events.emit('warning', { message: 'expired messages could not be deleted', details: { error: String(error) } });
    }
  }
}

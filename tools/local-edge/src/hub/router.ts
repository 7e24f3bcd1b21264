import type { DeliveryStore } from '../delivery/delivery-store.ts';
import { EndpointPump } from '../delivery/endpoint-pump.ts';
import { EndpointQueue } from '../delivery/endpoint-queue.ts';
import { ModuleChannel } from '../delivery/module-channel.ts';
import { type QueuedMessage, sizeOf } from '../delivery/stored-queue.ts';
import type { EdgeEmitter } from '../events.ts';
import type { EdgeMessage } from '../mqtt/edge-message.ts';
import { inputBag, inputTopic } from '../mqtt/input-topic.ts';
import type { Endpoint } from '../routing/endpoint.ts';
import { evaluateRoutes, type RouteResult } from '../routing/evaluate-routes.ts';
import type { Route } from '../routing/route.ts';
import type { Ledger } from '../store/group-commit.ts';

export interface RouterOptions {
  readonly deviceId: string;
  readonly store: DeliveryStore;
  readonly events: EdgeEmitter;
  readonly ackTimeoutMs: number;
  readonly clock: () => number;
}

type ModuleEndpoint = Endpoint & { kind: 'module' };

interface Destination {
  readonly pump: EndpointPump;
  readonly queue: EndpointQueue;
}

const cleanupIntervalMs = 1_800_000;
// While senders wait for room, what has expired is room.
const hastyCleanupIntervalMs = 5000;

/** Stores every message once for each endpoint that a route leads to, and brings it there. */
export class Router implements Ledger {
  readonly #options: RouterOptions;
  readonly #channels = new Map<string, ModuleChannel>();
  readonly #destinations = new Map<string, Destination>();
  #routes: readonly Route[] = [];
  #timeToLiveSecs = 7200;
  #cleanup: NodeJS.Timeout | undefined;
  #isCleanupDue = false;
  #cleanedUpAt: number;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#cleanedUpAt = options.clock();
    options.store.commit.follow(this);
  }

  get routes(): readonly Route[] {
    return this.#routes;
  }

  /**
   * Takes a new set of routes, at any time. What waits for an endpoint to which no route leads any more is deleted, as by edgeHub; what waits for
   * the others stays, with the priority and the time to live that it was stored with.
   */
  setRoutes(routes: readonly Route[], timeToLiveSecs: number): void {
    const { commit, queues } = this.#options.store;
    // What is on its way to the disk was routed by the old set.
    commit.flush();
    this.#routes = routes;
    this.#timeToLiveSecs = timeToLiveSecs;
    const endpoints = new Set<string>();
    for (const { endpoint, priority } of routes) {
      endpoints.add(endpoint.id);
      queues.open(endpoint.id, priority);
      if (endpoint.kind === 'module') this.#open(endpoint);
    }
    for (const [id, { pump }] of this.#destinations) {
      if (endpoints.has(id)) continue;
      this.#destinations.delete(id);
      pump.stop();
    }
    for (const stored of queues.endpoints()) if (!endpoints.has(stored)) this.#drop(stored);
    this.#cleanup ??= setInterval(() => {
      this.#isCleanupDue = true;
      commit.next();
    }, cleanupIntervalMs).unref();
  }

  /** The way to a module's inputs. */
  channel(moduleId: string): ModuleChannel {
    let channel = this.#channels.get(moduleId);
    if (channel === undefined) {
      channel = new ModuleChannel(this.#options.ackTimeoutMs);
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

  /**
   * Stores a message for endpoints that are known already. Where there is no room, or the disk refuses, it waits until there is: that is the
   * back-pressure, because the sender waits for its acknowledgement and nothing further is read from it.
   * @throws TransientError EDGE_STOPPED
   */
  async store(message: EdgeMessage, results: readonly RouteResult[]): Promise<void> {
    const { events, deviceId, store } = this.#options;
    if (results.length > 0) {
      const bag = inputBag(deviceId, message);
      let bytes = 0;
      for (const { endpoint } of results) {
        if (endpoint.kind === 'module' || store.link.isOffline) bytes += sizeOf(bag, message.body);
      }
      const stored: (() => void)[] = [];
      await store.commit.run(() => {
        stored.length = 0;
        for (const result of results) this.#append(message, bag, result, stored);
      }, bytes);
      for (const announce of stored) announce();
    }
    if (events.listenerCount('message') > 0) events.emit('message', { message, results });
  }

  /** Ends all deliveries; what was not acknowledged stays stored. */
  async stop(): Promise<void> {
    clearInterval(this.#cleanup);
    for (const { pump } of this.#destinations.values()) pump.stop();
    this.#options.store.commit.stop();
  }

  /** Deletes what has expired, when it is time. */
  prepare(): void {
    const { clock, store } = this.#options;
    const now = clock();
    const isHasty = store.commit.isRefused && now - this.#cleanedUpAt >= hastyCleanupIntervalMs;
    if (!this.#isCleanupDue && !isHasty) return;
    this.#cleanedUpAt = now;
    for (const { queue } of this.#destinations.values()) queue.expire(now);
    for (const queue of store.queues.queues('$upstream')) queue.expire(0, now);
  }

  committed(): void {
    this.#isCleanupDue = false;
  }

  rolledBack(): void {}

  // Runs inside the transaction; what it adds to `stored` runs after the commit.
  #append(
    message: EdgeMessage,
    bag: string,
    { endpoint, priority, timeToLiveSecs }: RouteResult,
    stored: (() => void)[],
  ): void {
    const { store, clock } = this.#options;
    const ttlSecs = timeToLiveSecs === 0 ? this.#timeToLiveSecs : timeToLiveSecs;
    const expiresAt = ttlSecs < 0 ? undefined : clock() + ttlSecs * 1000;
    if (endpoint.kind === 'upstream') {
      store.link.append(message, priority, expiresAt);
      return;
    }
    // The endpoint may have gone while the message waited for room.
    const destination = this.#destinations.get(endpoint.id);
    if (destination === undefined) return;
    const queued = store.queues.open(endpoint.id, priority).append(bag, message.body, expiresAt);
    stored.push(() => destination.pump.push(priority, queued));
  }

  #open(endpoint: ModuleEndpoint): void {
    if (this.#destinations.has(endpoint.id)) return;
    const { store, deviceId, clock } = this.#options;
    const queue = new EndpointQueue(store.queues, endpoint.id);
    const pump = new EndpointPump({
      queue,
      channel: this.channel(endpoint.module),
      topic: inputTopic(deviceId, endpoint.module, endpoint.input),
      onRemoved: (queued, reason) => this.#removed(endpoint, queued, reason),
      clock,
    });
    this.#destinations.set(endpoint.id, { pump, queue });
    pump.start();
  }

  // The removal is not waited for: when the hub is killed before it is committed, the message is delivered once more.
  #removed(endpoint: ModuleEndpoint, { seq }: QueuedMessage, reason: 'delivered' | 'expired'): void {
    const { store, events } = this.#options;
    store.commit.soon();
    if (reason === 'expired') events.emit('expired', { endpoint: endpoint.id, seq });
    else if (events.listenerCount('delivered') > 0) {
      events.emit('delivered', { module: endpoint.module, input: endpoint.input, seq });
    }
  }

  #drop(endpoint: string): void {
    const { store, events } = this.#options;
    try {
      const dropped = store.commit.now(() => store.queues.dropEndpoint(endpoint));
      store.queues.forget(endpoint);
      if (dropped === 0) return;
      const message = 'no route leads to the endpoint any more, its messages are deleted';
      events.emit('warning', { message, details: { endpoint, dropped } });
    } catch (error) {
      const message = 'no route leads to the endpoint any more, its messages could not be deleted';
      events.emit('warning', { message, details: { endpoint, error: String(error) } });
    }
  }
}

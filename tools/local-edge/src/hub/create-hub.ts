import type { DatabaseSync } from 'node:sqlite';
import { DeliveryStore } from '../delivery/delivery-store.ts';
import type { UpstreamBounds } from '../delivery/upstream-store.ts';
import type { EdgeEmitter } from '../events.ts';
import type { Deployment } from '../manifest/deployment.ts';
import type { Identity } from '../mqtt/edge-message.ts';
import type { LocalEdgeTiming } from '../options.ts';
import type { Route } from '../routing/route.ts';
import type { IdentityStore } from '../store/identity-store.ts';
import { TwinStore } from '../twins/twin-store.ts';
import { Twins } from '../twins/twins.ts';
import { identityProblem } from './authenticate.ts';
import { Hub } from './hub.ts';
import { LiveConfig } from './live-config.ts';
import { MethodCalls, type MethodResult } from './method-calls.ts';
import { Router } from './router.ts';

export interface HubSetup {
  readonly database: DatabaseSync;
  readonly identities: IdentityStore;
  readonly deployment: Deployment;
  readonly routes: readonly Route[];
  readonly deviceId: string;
  readonly hubName: string;
  /** A name besides the address that leads to the hub. */
  readonly gatewayHostName: string | undefined;
  readonly acceptAny: boolean;
  readonly maxQueueBytes: number;
  readonly upstreamBounds: UpstreamBounds;
  readonly events: EdgeEmitter;
  readonly timing: LocalEdgeTiming;
}

export interface HubParts {
  readonly hub: Hub;
  readonly router: Router;
  readonly twins: Twins;
  readonly methods: MethodCalls;
  /** What is kept of messages. */
  readonly store: DeliveryStore;
  /** Follows `$edgeHub`'s desired properties. */
  readonly liveConfig: LiveConfig;
  /** Why a token does not prove an identity; `undefined` when it does. */
  readonly identityProblem: (identity: Identity, token: string | undefined) => string | undefined;
  /** Names that tokens may be made out to; the address is added when it is known. */
  readonly hostNames: string[];
}

// The cache is of nested devices, of which there are none: it is always fresh.
function answerHubMethod(methodName: string): MethodResult {
  return methodName === 'RefreshDeviceScopeIdentityCache'
    ? { status: 200, payload: null }
    : { status: 404, payload: { message: `Method ${methodName} is not supported` } };
}

/** Puts the hub's parts together and gives them the manifest's routes and twins. Nothing listens yet. */
export function createHub(setup: HubSetup): HubParts {
  const { database, deployment, deviceId, events, timing } = setup;
  const { ackTimeoutMs, clock } = timing;
  const { maxQueueBytes, upstreamBounds } = setup;
  const store = new DeliveryStore({ database, maxQueueBytes, upstream: upstreamBounds, events, clock });
  const router = new Router({ deviceId, store, events, ackTimeoutMs, clock });
  const twins = new Twins({
    store: new TwinStore(database),
    onDesired: (module, patch) => {
      if (module === '$edgeHub') liveConfig.update(twins.get(module).desired);
      hub.sendDesired(module, patch);
      events.emit('desired', { module, patch });
    },
    onReported: (module, patch) => events.emit('reported', { module, patch }),
    onIgnored: (module, version) => {
      const message = 'a desired patch was ignored, its $version is not newer';
      events.emit('warning', { message, details: { module, version } });
    },
  });
  const liveConfig = new LiveConfig({
    deviceId,
    setRoutes: (routes, timeToLiveSecs) => router.setRoutes(routes, timeToLiveSecs),
    events,
  });
  const methods = new MethodCalls();
  methods.setLocalTarget(`${deviceId}/$edgeHub`, answerHubMethod);
  const hostNames = [setup.hubName, ...(setup.gatewayHostName === undefined ? [] : [setup.gatewayHostName])];
  const { identities, acceptAny } = setup;
  const authentication = { identities, deviceId, hostNames, acceptAny, clock: timing.clock };
  const problemOf: HubParts['identityProblem'] = (identity, token) => identityProblem(identity, token, authentication);
  const hub = new Hub({ deviceId, authentication, router, twins, methods, events });

  for (const [module, desired] of deployment.desired) twins.applyManifest(module, desired);
  // The twin has what was patched since this manifest came. Where that is no good the manifest's own routes are.
  if (!liveConfig.update(twins.get('$edgeHub').desired)) {
    router.setRoutes(setup.routes, deployment.hub.timeToLiveSecs);
  }
  return { hub, router, twins, methods, store, liveConfig, identityProblem: problemOf, hostNames };
}

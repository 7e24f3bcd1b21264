import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import type { Agent } from './agent/agent.ts';
import { applyDeployment } from './agent/apply-deployment.ts';
import type { Deployer } from './agent/deployer.ts';
import { filterLog } from './agent/logs/filter-log.ts';
import type { LogStore } from './agent/logs/log-store.ts';
import { type ModuleIdentity, moduleEnvironment } from './agent/module-environment.ts';
import type { EdgeEmitter } from './events.ts';
import { identityOfName } from './hub/client-name.ts';
import type { HubParts } from './hub/create-hub.ts';
import type { LocalEdge, OutgoingMessage } from './local-edge.ts';
import { clientIdOf } from './mqtt/edge-message.ts';
import { mqttLogin } from './mqtt-login.ts';
import { toEdgeMessage } from './outgoing-message.ts';
import type { Shutdown } from './shutdown.ts';
import type { IdentityStore } from './store/identity-store.ts';
import { waitFor } from './wait-for.ts';

export interface EdgeParts extends HubParts {
  readonly address: string;
  readonly gatewayHostName: string;
  readonly deviceId: string;
  readonly hubName: string;
  readonly stateDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly events: EdgeEmitter;
  readonly identities: IdentityStore;
  readonly identityOf: (module: string) => ModuleIdentity;
  readonly agent: Agent;
  readonly deployer: Deployer;
  readonly logs: LogStore;
  readonly shutdown: Shutdown;
}

/** What the caller of `startLocalEdge` gets to hold. */
export function edgeHandle(parts: EdgeParts): LocalEdge {
  const { address, deviceId, hubName, gatewayHostName, events, router, twins, methods, store, hub, agent } = parts;
  const clientId = (name: string) => clientIdOf(identityOfName(deviceId, name));
  return {
    address,
    deviceId,
    events,
    get routes() {
      return router.routes;
    },
    twin: {
      get: (module) => twins.get(module),
      patchDesired: (module, patch) => twins.patchDesired(module, patch),
      replaceDesired: (module, desired) => twins.replaceDesired(module, desired),
    },
    reported: (module) => twins.get(module).reported,
    invokeMethod: (module, request) => methods.invoke(clientId(module), request),
    sendToInput: (module, input, message) => sendToInput(parts, module, input, message),
    sendAs: async (module, output, message) =>
      router.route(toEdgeMessage(message, { ...identityOfName(deviceId, module), output })),
    upstream: {
      get count() {
        return store.upstream.count;
      },
      get total() {
        return store.upstream.total;
      },
      messages: (afterSeq) => store.upstream.messages(afterSeq),
    },
    get offline() {
      return store.link.isOffline;
    },
    setOffline: (offline) => store.setOffline(offline),
    queues: () => store.queues.status(),
    clients: () => hub.clients,
    modules: () => agent.statuses,
    moduleFolder: (module) => agent.find(module)?.sourceFolder,
    moduleLogs: async (module, filter = {}) => {
      if (!parts.deployer.config.modules.some(({ name }) => name === module)) {
        throw unknownModule(`the manifest has no module '${module}'`);
      }
      return filterLog(await parts.logs.of(module).read(), filter).map((record) => ({ module, ...record }));
    },
    applyDeployment: (manifest, layers) => applyDeployment(parts, manifest, layers),
    restartModule: async (module) => {
      const managed = agent.find(module);
      if (managed === undefined) throw unknownModule(`module '${module}' is not run by this edge`);
      await managed.restart();
    },
    credentials: (name) => {
      const identity = identityOfName(deviceId, name);
      return {
        EdgeHubConnectionString: [
          `HostName=${hubName}`,
          `GatewayHostName=${gatewayHostName}`,
          `DeviceId=${identity.deviceId}`,
          ...(identity.moduleId === undefined ? [] : [`ModuleId=${identity.moduleId}`]),
          `SharedAccessKey=${parts.identities.ensure(clientIdOf(identity)).key}`,
        ].join(';'),
        EdgeModuleCACertificateFile: join(parts.stateDir, 'pki', 'root-ca.pem'),
      };
    },
    mqttLogin: (name, lifetimeSecs) => {
      const identity = identityOfName(deviceId, name);
      const { key } = parts.identities.ensure(clientIdOf(identity));
      return mqttLogin({ identity, key, hubName, hostName: gatewayHostName, stateDir: parts.stateDir, lifetimeSecs });
    },
    environment: (module) => {
      const spec = parts.deployer.config.modules.find(({ name }) => name === module);
      if (spec === undefined) throw unknownModule(`the manifest has no module '${module}'`);
      return moduleEnvironment(spec, parts.identityOf(module), [], {});
    },
    waitFor: (predicate, options) => waitFor(events, predicate, options),
    stop: () => parts.shutdown.run(),
  };
}

async function sendToInput(parts: EdgeParts, module: string, input: string, message: OutgoingMessage): Promise<void> {
  const { deviceId, router } = parts;
  const id = `${deviceId}/${module}/${input}`;
  const route = router.routes.find(({ endpoint }) => endpoint.id === id);
  if (route === undefined) {
    throw new ConfigError('EDGE_INPUT_UNKNOWN', `no route leads to input '${input}' of module '${module}'`);
  }
  const { endpoint, priority, timeToLiveSecs } = route;
  await router.store(toEdgeMessage(message, { deviceId, moduleId: '$edgeHub' }), [
    { endpoint, priority, timeToLiveSecs, routes: [] },
  ]);
}

function unknownModule(message: string): ConfigError {
  return new ConfigError('EDGE_MODULE_UNKNOWN', message);
}

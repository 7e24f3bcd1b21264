import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import type { Agent } from './agent/agent.ts';
import { agentReported } from './agent/agent-reported.ts';
import { type ModuleIdentity, moduleEnvironment } from './agent/module-environment.ts';
import { edgeAgentLimits } from './agent/restart-policy.ts';
import { createAgent } from './agent/start-agent.ts';
import { QueueStore } from './delivery/queue-store.ts';
import { UpstreamStore } from './delivery/upstream-store.ts';
import { createEdgeEmitter } from './events.ts';
import { compileRoutes } from './hub/compile-routes.ts';
import { Hub } from './hub/hub.ts';
import { HubReported } from './hub/hub-reported.ts';
import { MethodCalls } from './hub/method-calls.ts';
import { Router } from './hub/router.ts';
import type { LocalEdge } from './local-edge.ts';
import { findLoopbackAddress } from './loopback-address.ts';
import { loadDeployment } from './manifest/load-deployment.ts';
import { clientIdOf } from './mqtt/edge-message.ts';
import { MqttServer } from './mqtt/mqtt-server.ts';
import type { LocalEdgeOptions, LocalEdgeTiming } from './options.ts';
import { toEdgeMessage } from './outgoing-message.ts';
import { CertificateAuthority } from './pki/certificate-authority.ts';
import { serverCertificate } from './pki/server-certificate.ts';
import { Shutdown } from './shutdown.ts';
import { lockState } from './state-lock.ts';
import { openDatabase } from './store/database.ts';
import { GroupCommit } from './store/group-commit.ts';
import { IdentityStore } from './store/identity-store.ts';
import { SubscriptionStore } from './store/subscription-store.ts';
import { TwinStore } from './twins/twin-store.ts';
import { Twins } from './twins/twins.ts';
import { waitFor } from './wait-for.ts';
import { createSocketFolder } from './workload/socket-folder.ts';
import { listenWorkload } from './workload/workload-server.ts';

// The Node SDK knows no other.
const mqttPort = 8883;

const defaultTiming: LocalEdgeTiming = {
  reconcileIntervalMs: 5000,
  restart: edgeAgentLimits,
  intensiveCareMs: 600_000,
  stopGraceMs: 10_000,
  ackTimeoutMs: 30_000,
  clock: Date.now,
};

/**
 * Starts an IoT Edge device on this machine: the hub listens before the first module starts, because the SDK takes a first failure to connect
 * as final. On any error all that was started is stopped again.
 * @throws ConfigError EDGE_MANIFEST_UNREADABLE, EDGE_MANIFEST_INVALID, EDGE_ROUTE_INVALID, EDGE_MODULE_COMMAND_UNKNOWN, EDGE_ADDRESS_IN_USE,
 * EDGE_STATE_IN_USE, EDGE_STATE_UNUSABLE
 */
export async function startLocalEdge(options: LocalEdgeOptions): Promise<LocalEdge> {
  const shutdown = new Shutdown();
  try {
    return await start(options, shutdown);
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function start(options: LocalEdgeOptions, shutdown: Shutdown): Promise<LocalEdge> {
  const { deviceId = 'edge', hubName = 'local.azure-devices.net', environment = {} } = options;
  const timing = { ...defaultTiming, ...options.timing };
  const stateDir = resolve(options.stateDir);
  const events = createEdgeEmitter();
  if (options.onLog !== undefined) events.on('log', options.onLog);

  const deployment = await loadDeployment(options.manifest, environment);
  const routes = compileRoutes(deployment.hub.routes, deviceId);

  const lock = await lockState(stateDir);
  shutdown.add(() => lock.release());
  const database = openDatabase(join(stateDir, 'edge.db'));
  shutdown.add(() => database.close());
  const identities = new IdentityStore(database);
  const upstream = new UpstreamStore(database, options.maxUpstreamMessages ?? 100_000);

  const address = options.address ?? (await findLoopbackAddress(mqttPort));
  const gatewayHostName = options.gatewayHostName ?? address;
  const pkiDir = join(stateDir, 'pki');
  const authority = await CertificateAuthority.open(pkiDir);
  const dnsNames = [...new Set(['localhost', ...(options.gatewayHostName ? [options.gatewayHostName] : [])])];
  const certificate = await serverCertificate(pkiDir, authority, { address, dnsNames });

  const router = new Router({
    deviceId,
    queues: new QueueStore(database),
    upstream,
    commit: new GroupCommit(database),
    events,
    ackTimeoutMs: timing.ackTimeoutMs,
    clock: timing.clock,
  });
  shutdown.add(() => router.stop());
  const twins = new Twins({
    store: new TwinStore(database),
    onDesired: (module, patch) => {
      hub.sendDesired(module, patch);
      events.emit('desired', { module, patch });
    },
    onReported: (module, patch) => events.emit('reported', { module, patch }),
  });
  const methods = new MethodCalls();
  const hub = new Hub({
    deviceId,
    authentication: {
      identities,
      deviceId,
      hostNames: [hubName, gatewayHostName, address],
      acceptAny: options.acceptAny ?? false,
      clock: timing.clock,
    },
    router,
    twins,
    methods,
    events,
  });

  for (const [module, desired] of deployment.desired) twins.applyManifest(module, desired);
  router.setRoutes(routes, deployment.hub.timeToLiveSecs);
  for (const route of routes) {
    if (route.ignoredText === '') continue;
    events.emit('warning', {
      message: 'text after the sink of a route is ignored',
      details: { route: route.name, text: route.ignoredText },
    });
  }

  const sockets = await createSocketFolder(stateDir, tmpdir());
  shutdown.add(() => sockets.remove());
  const moduleNames = deployment.modules.map(({ name }) => name);
  const moduleIdentities = new Map<string, ModuleIdentity>();
  for (const name of moduleNames) {
    const { key, generationId } = identities.ensure(clientIdOf({ deviceId, moduleId: name }));
    const path = sockets.path(name);
    const workload = await listenWorkload(path, { moduleId: name, generationId, key, trustBundle: authority.pem });
    shutdown.add(() => workload.close());
    moduleIdentities.set(name, {
      workloadUri: `unix://${path}`,
      generationId,
      hubName,
      gatewayHostName,
      deviceId,
      moduleId: name,
    });
  }
  const identityOf = (module: string): ModuleIdentity => {
    const identity = moduleIdentities.get(module);
    if (identity === undefined) throw new ConfigError('EDGE_MODULE_UNKNOWN', `the manifest has no module '${module}'`);
    return identity;
  };

  const mqtt = new MqttServer({
    address,
    port: mqttPort,
    key: certificate.key,
    cert: certificate.certificate,
    subscriptions: new SubscriptionStore(database),
    handler: hub,
  });
  shutdown.add(() => mqtt.close());

  let agent: Agent | undefined;
  const reportHub = () => twins.replaceReported('$edgeHub', hubReported.document(version('$edgeHub')));
  const reportAgent = () => {
    if (agent !== undefined)
      twins.replaceReported('$edgeAgent', agentReported(deployment, agent.statuses, version('$edgeAgent')));
  };
  const version = (module: string) => Number(twins.get(module).desired.$version);
  const hubReported = new HubReported(events, reportHub);
  events.on('module', reportAgent);

  const running = await createAgent({
    deployment,
    only: options.only,
    stateDir,
    repoDir: resolve(options.repoDir ?? process.cwd()),
    overrides: options.moduleOverrides ?? {},
    parentEnvironment: environment,
    identity: identityOf,
    events,
    timing,
  });
  agent = running.agent;
  shutdown.add(() => running.closeLogs());

  await mqtt.listen();
  reportHub();
  reportAgent();
  shutdown.add(() => running.agent.stop());
  await running.agent.start();

  return {
    address,
    deviceId,
    events,
    routes,
    twin: {
      get: (module) => twins.get(module),
      patchDesired: (module, patch) => twins.patchDesired(module, patch),
    },
    reported: (module) => twins.get(module).reported,
    invokeMethod: (module, request) => methods.invoke(clientIdOf({ deviceId, moduleId: module }), request),
    sendToInput: async (module, input, message) => {
      const id = `${deviceId}/${module}/${input}`;
      const route = routes.find(({ endpoint }) => endpoint.id === id);
      if (route === undefined)
        throw new ConfigError('EDGE_INPUT_UNKNOWN', `no route leads to input '${input}' of module '${module}'`);
      const edgeMessage = toEdgeMessage(message, { deviceId, moduleId: '$edgeHub' });
      await router.store(edgeMessage, [{ endpoint: route.endpoint, priority: route.priority, timeToLiveSecs: 0 }]);
    },
    sendAs: (module, output, message) => router.route(toEdgeMessage(message, { deviceId, moduleId: module, output })),
    upstream: {
      get count() {
        return upstream.count;
      },
      get total() {
        return upstream.total;
      },
      messages: (afterSeq) => upstream.messages(afterSeq),
    },
    clients: () => hub.clients,
    modules: () => running.agent.statuses,
    restartModule: async (module) => {
      const managed = running.agent.find(module);
      if (managed === undefined)
        throw new ConfigError('EDGE_MODULE_UNKNOWN', `module '${module}' is not run by this edge`);
      await managed.restart();
    },
    credentials: (module) => ({
      EdgeHubConnectionString: `HostName=${hubName};GatewayHostName=${gatewayHostName};DeviceId=${deviceId};ModuleId=${module};SharedAccessKey=${identities.ensure(clientIdOf({ deviceId, moduleId: module })).key}`,
      EdgeModuleCACertificateFile: join(pkiDir, 'root-ca.pem'),
    }),
    environment: (module) => {
      const spec = deployment.modules.find(({ name }) => name === module);
      if (spec === undefined) throw new ConfigError('EDGE_MODULE_UNKNOWN', `the manifest has no module '${module}'`);
      return moduleEnvironment(spec, identityOf(module), [], {});
    },
    waitFor: (predicate, waitOptions) => waitFor(events, predicate, waitOptions),
    stop: () => shutdown.run(),
  };
}

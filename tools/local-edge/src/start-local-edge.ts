import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { createAgent } from './agent/create-agent.ts';
import type { ModuleIdentity } from './agent/module-environment.ts';
import { edgeAgentLimits } from './agent/restart-policy.ts';
import { edgeHandle } from './edge-handle.ts';
import { createEdgeEmitter } from './events.ts';
import { listenHttps } from './https/listen-https.ts';
import { compileRoutes } from './hub/compile-routes.ts';
import { createHub } from './hub/create-hub.ts';
import { listenMqtt } from './listen-mqtt.ts';
import type { LocalEdge } from './local-edge.ts';
import { loadDeployment } from './manifest/load-deployment.ts';
import { clientIdOf } from './mqtt/edge-message.ts';
import type { LocalEdgeOptions, LocalEdgeTiming } from './options.ts';
import { CertificateAuthority } from './pki/certificate-authority.ts';
import { openMasterKey } from './pki/master-key.ts';
import { logWarnings } from './runtime-log.ts';
import { followRuntime } from './runtime-twins.ts';
import { Shutdown } from './shutdown.ts';
import { lockState } from './state-lock.ts';
import { openDatabase } from './store/database.ts';
import { IdentityStore } from './store/identity-store.ts';
import { SubscriptionStore } from './store/subscription-store.ts';
import type { JsonObject } from './twins/json-object.ts';
import { moduleDetails } from './workload/module-details.ts';
import { createSocketFolder } from './workload/socket-folder.ts';
import { startWorkloads } from './workload/start-workloads.ts';
import type { WorkloadDevice } from './workload/workload-server.ts';

const edgeTiming: LocalEdgeTiming = {
  reconcileIntervalMs: 5000,
  restart: edgeAgentLimits,
  intensiveCareMs: 600_000,
  stopGraceMs: 10_000,
  ackTimeoutMs: 30_000,
  clock: Date.now,
};

/**
 * Starts an IoT Edge device on this machine: the hub listens before the first module starts, because the SDK takes a first failure to
 * connect as final. On any error all that was started is stopped again.
 * @throws ConfigError EDGE_MANIFEST_UNREADABLE, EDGE_MANIFEST_INVALID, EDGE_ROUTE_INVALID, EDGE_MODULE_COMMAND_UNKNOWN,
 * EDGE_ADDRESS_IN_USE, EDGE_STATE_IN_USE, EDGE_STATE_UNUSABLE
 */
export async function startLocalEdge(options: LocalEdgeOptions): Promise<LocalEdge> {
  const shutdown = new Shutdown();
  try {
    return await start(options, shutdown);
  } catch (error) {
    // What went wrong first is what the caller has to know.
    await shutdown.run().catch(() => undefined);
    throw error;
  }
}

async function start(options: LocalEdgeOptions, shutdown: Shutdown): Promise<LocalEdge> {
  const { deviceId = 'edge', hubName = 'local.azure-devices.net', environment = {} } = options;
  const timing = { ...edgeTiming, ...options.timing };
  const stateDir = resolve(options.stateDir);
  const events = createEdgeEmitter();
  if (options.onLog !== undefined) events.on('log', options.onLog);
  if (options.onWarning !== undefined) events.on('warning', options.onWarning);

  const deployment = await loadDeployment(options.manifest, environment);
  const routes = compileRoutes(deployment.hub.routes, deviceId);

  const lock = await lockState(stateDir);
  shutdown.add(() => lock.release());
  shutdown.add(logWarnings(events, stateDir));
  const database = openDatabase(join(stateDir, 'edge.db'));
  shutdown.add(() => database.close());
  const identities = new IdentityStore(database);
  const hubParts = createHub({
    database,
    identities,
    deployment,
    routes,
    deviceId,
    hubName,
    gatewayHostName: options.gatewayHostName,
    acceptAny: options.acceptAny ?? false,
    maxUpstreamMessages: options.maxUpstreamMessages ?? 100_000,
    events,
    timing,
  });
  shutdown.add(() => hubParts.router.stop());

  const modules = deployment.modules.map(({ name }) => ({
    moduleId: name,
    ...identities.ensure(clientIdOf({ deviceId, moduleId: name })),
  }));
  const authority = await CertificateAuthority.open(join(stateDir, 'pki'));
  const { address, server, pem } = await listenMqtt({
    stateDir,
    address: options.address,
    dnsNames: [...new Set(['localhost', ...(options.gatewayHostName ? [options.gatewayHostName] : [])])],
    authority,
    subscriptions: new SubscriptionStore(database),
    handler: hubParts.hub,
  });
  shutdown.add(() => server.close());
  hubParts.hostNames.push(address);
  const gatewayHostName = options.gatewayHostName ?? address;
  const https = await listenHttps({
    address,
    deviceId,
    methods: hubParts.methods,
    identityProblem: hubParts.identityProblem,
    pem,
    warn: (message, details) => events.emit('warning', { message, details }),
  });
  shutdown.add(() => https?.close());

  const sockets = await createSocketFolder(stateDir, tmpdir());
  shutdown.add(() => sockets.remove());
  // The agent comes later than the sockets that its modules need.
  let listModules = (): readonly JsonObject[] => [];
  const masterKey = await openMasterKey(join(stateDir, 'pki'));
  const device: WorkloadDevice = { deviceId, hubName, authority, masterKey, modules: () => listModules() };
  const workloadUris = await startWorkloads(modules, device, sockets, shutdown);
  const identityOf = (module: string): ModuleIdentity => {
    const workloadUri = workloadUris.get(module);
    const identity = modules.find(({ moduleId }) => moduleId === module);
    if (workloadUri === undefined || identity === undefined) {
      throw new ConfigError('EDGE_MODULE_UNKNOWN', `the manifest has no module '${module}'`);
    }
    const { generationId } = identity;
    return { workloadUri, generationId, hubName, gatewayHostName, deviceId, moduleId: module };
  };

  const { agent, close } = await createAgent({
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
  shutdown.add(close);
  listModules = () => {
    const statuses = new Map(agent.statuses.map((status) => [status.module, status]));
    return deployment.modules.map((spec) => moduleDetails(spec, statuses.get(spec.name)));
  };
  followRuntime(events, hubParts.twins, deployment, agent, hubParts.liveConfig);
  shutdown.add(() => agent.stop());
  await agent.start();

  return edgeHandle({
    ...hubParts,
    address,
    gatewayHostName,
    deviceId,
    hubName,
    stateDir,
    deployment,
    events,
    identities,
    identityOf,
    agent,
    shutdown,
  });
}

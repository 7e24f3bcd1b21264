import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { listenOnBridge } from './agent/container/listen-on-bridge.ts';
import { openContainerEngine } from './agent/container/open-container-engine.ts';
import type { RunningAgent } from './agent/create-agent.ts';
import { ModuleIdentities } from './agent/module-identities.ts';
import { edgeAgentLimits } from './agent/restart-policy.ts';
import { clearState } from './clear-state.ts';
import { type Control, serveControl } from './control/serve-control.ts';
import { edgeHandle } from './edge-handle.ts';
import { createEdgeEmitter } from './events.ts';
import { listenHttps } from './https/listen-https.ts';
import { compileRoutes } from './hub/compile-routes.ts';
import { createHub } from './hub/create-hub.ts';
import { listenMqtt } from './listen-mqtt.ts';
import type { LocalEdge } from './local-edge.ts';
import { loadDeployment } from './manifest/load-deployment.ts';
import type { LocalEdgeOptions, LocalEdgeTiming } from './options.ts';
import { CertificateAuthority } from './pki/certificate-authority.ts';
import { openMasterKey } from './pki/master-key.ts';
import { logWarnings } from './runtime-log.ts';
import { Shutdown } from './shutdown.ts';
import { startAgent } from './start-agent.ts';
import { stateError } from './state-error.ts';
import { lockState } from './state-lock.ts';
import { openDatabase } from './store/database.ts';
import { IdentityStore } from './store/identity-store.ts';
import { SubscriptionStore } from './store/subscription-store.ts';
import type { JsonObject } from './twins/json-object.ts';
import { moduleDetails } from './workload/module-details.ts';
import { openWorkload } from './workload/open-workload.ts';
import { createSocketFolder } from './workload/socket-folder.ts';
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
 * @throws ConfigError EDGE_MANIFEST_UNREADABLE, EDGE_MANIFEST_INVALID, EDGE_LAYER_INVALID, EDGE_ROUTE_INVALID, EDGE_MODULE_COMMAND_UNKNOWN,
 * EDGE_COMMANDS_INVALID, EDGE_ADDRESS_IN_USE, EDGE_STATE_IN_USE, EDGE_STATE_UNUSABLE; with `docker` EDGE_ENGINE_UNAVAILABLE, EDGE_ENGINE_NOT_LOCAL,
 * EDGE_IMAGE_UNRESOLVED, EDGE_IMAGE_MISSING, EDGE_IMAGE_PULL_FAILED; the signal's reason when it is aborted before all has started
 */
export async function startLocalEdge(options: LocalEdgeOptions): Promise<LocalEdge> {
  const shutdown = new Shutdown();
  const stopRequest = new AbortController();
  const signal = AbortSignal.any([stopRequest.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  try {
    const edge = await start({ ...options, signal }, shutdown, () => stopRequest.abort());
    signal.throwIfAborted();
    signal.addEventListener('abort', () => void shutdown.run().catch(() => undefined), { once: true });
    return edge;
  } catch (error) {
    // What went wrong first is what the caller has to know.
    await shutdown.run().catch(() => undefined);
    throw stateError(error, resolve(options.stateDir));
  }
}

async function start(options: LocalEdgeOptions, shutdown: Shutdown, stop: () => void): Promise<LocalEdge> {
  options.signal?.throwIfAborted();
  const { deviceId = 'edge', hubName = 'local.azure-devices.net', environment = {} } = options;
  const timing = { ...edgeTiming, ...options.timing };
  const stateDir = resolve(options.stateDir);
  const events = createEdgeEmitter();
  if (options.onLog !== undefined) events.on('log', options.onLog);
  if (options.onWarning !== undefined) events.on('warning', options.onWarning);

  const deployment = await loadDeployment(options.manifest, environment, options.layers);
  const routes = compileRoutes(deployment.hub.routes, deviceId);

  const lock = await lockState(stateDir);
  shutdown.add(() => lock.release());
  if (options.fresh) await clearState(stateDir);
  // The last to go: who asked the edge to stop waits for its end.
  let control: Control | undefined;
  shutdown.add(() => control?.close());
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
    maxQueueBytes: options.maxQueueBytes ?? 1_073_741_824,
    upstreamBounds: {
      maxMessages: options.maxUpstreamMessages ?? 100_000,
      maxBytes: options.maxUpstreamBytes ?? 1_073_741_824,
    },
    events,
    timing,
  });
  shutdown.add(() => hubParts.router.stop());

  const { docker: settings } = options;
  const engine = settings
    ? await openContainerEngine({
        settings,
        environment,
        stateDir,
        repoDir: resolve(options.repoDir ?? process.cwd()),
        gatewayHostName: options.gatewayHostName,
        runtime: () => hubParts.twins.get('$edgeAgent').desired.runtime,
        stopGraceMs: timing.stopGraceMs,
        events,
      })
    : undefined;
  if (engine !== undefined) hubParts.hostNames.push(engine.gatewayHostName);
  shutdown.add(() => engine?.close());
  const authority = await CertificateAuthority.open(join(stateDir, 'pki'));
  const { address, server, pem } = await listenMqtt({
    stateDir,
    address: options.address,
    dnsNames: [...new Set(['localhost', options.gatewayHostName ?? '', engine?.gatewayHostName ?? ''])].filter(Boolean),
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
  if (engine?.bridgeAddress !== undefined) {
    shutdown.add(await listenOnBridge(engine.bridgeAddress, https === undefined ? [server] : [server, https]));
  }

  const sockets = await createSocketFolder(stateDir, tmpdir());
  shutdown.add(() => sockets.remove());
  // The agent comes later than the sockets that its modules need.
  let listModules = (): readonly JsonObject[] => [];
  const masterKey = await openMasterKey(join(stateDir, 'pki'));
  const device: WorkloadDevice = { deviceId, hubName, authority, masterKey, modules: () => listModules() };
  // Modules that come later have theirs closed with the others, after all modules have stopped.
  const workloads = new Shutdown();
  shutdown.add(() => workloads.run());
  const moduleIdentities = new ModuleIdentities({
    store: identities,
    deviceId,
    hubName,
    gatewayHostName,
    openWorkload: (identity) => openWorkload(identity, device, sockets, workloads),
  });

  const handleOf = ({ agent, deployer, logs }: RunningAgent) =>
    edgeHandle({
      ...hubParts,
      address,
      gatewayHostName,
      deviceId,
      hubName,
      stateDir,
      environment,
      events,
      identities,
      identityOf: (module) => moduleIdentities.get(module),
      agent,
      deployer,
      logs,
      shutdown,
    });
  const running = await startAgent({
    ...hubParts,
    ...options,
    deployment,
    stateDir,
    deviceId,
    hubName,
    environment,
    identity: (module) => moduleIdentities.ensure(module),
    containers: engine === undefined ? undefined : { engine, hubAddress: address },
    events,
    timing,
    shutdown,
    onCreated: async (created) => {
      const { agent, deployer } = created;
      listModules = () => {
        const statuses = new Map(agent.statuses.map((status) => [status.module, status]));
        return deployer.config.modules.map((spec) => moduleDetails(spec, statuses.get(spec.name)));
      };
      if (options.control === undefined || options.control === false) return;
      const onStop = options.control === true ? stop : options.control.onStop;
      control = await serveControl({ edge: handleOf(created), stateDir, onStop });
    },
  });
  return handleOf(running);
}

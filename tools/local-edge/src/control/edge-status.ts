import type { ModuleStatus } from '../agent/module-status.ts';
import type { LocalEdge } from '../local-edge.ts';
import { isJsonObject } from '../twins/json-object.ts';
import type { ControlModule, EdgeNames, EdgeStatus } from './control-api.ts';
import { endpointName } from './message-json.ts';

/** How an edge is right now. */
export function edgeStatus(edge: LocalEdge, stateDir: string, startedAt: Date): EdgeStatus {
  const { deviceId, address, upstream } = edge;
  return {
    deviceId,
    address,
    stateDir,
    pid: process.pid,
    startedAt: startedAt.toISOString(),
    isOffline: edge.offline,
    modules: modulesOf(edge),
    clients: [...edge.clients()],
    queues: edge.queues().map(({ endpoint, priority, messages, bytes }) => ({
      endpoint: endpoint.startsWith(`${deviceId}/`) ? endpoint.slice(deviceId.length + 1) : endpoint,
      priority,
      messages,
      bytes,
    })),
    routes: edge.routes.map(({ name, text, endpoint, priority, timeToLiveSecs }) => ({
      name,
      route: text,
      endpoint: endpointName(endpoint),
      priority,
      timeToLiveSecs,
    })),
    upstream: { count: upstream.count, total: upstream.total },
  };
}

/** The modules of the deployment in its order, those that this edge does not run itself among them. */
function modulesOf(edge: LocalEdge): ControlModule[] {
  const run = new Map(edge.modules().map((status) => [status.module, status]));
  const names = new Set([...deployedModules(edge), ...run.keys()]);
  return [...names].map((module) => {
    const status = run.get(module);
    return status === undefined ? notStarted(module) : started(status);
  });
}

function started(status: ModuleStatus): ControlModule {
  const { module, runtimeStatus, statusDescription, pid, exitCode, restartCount, lastStartTime, lastExitTime } = status;
  return {
    module,
    status: runtimeStatus,
    description: statusDescription,
    ...(pid === undefined ? {} : { pid }),
    exitCode,
    restartCount,
    ...(lastStartTime === undefined ? {} : { lastStartTime: lastStartTime.toISOString() }),
    ...(lastExitTime === undefined ? {} : { lastExitTime: lastExitTime.toISOString() }),
  };
}

function notStarted(module: string): ControlModule {
  return { module, status: 'not started', description: 'not started by this edge', exitCode: 0, restartCount: 0 };
}

/** The modules that the deployment names. */
export function deployedModules(edge: LocalEdge): string[] {
  const { modules } = edge.twin.get('$edgeAgent').desired;
  return isJsonObject(modules) ? Object.keys(modules) : [];
}

/** The names on which a command line may end. */
export function edgeNames(edge: LocalEdge): EdgeNames {
  const inputs = new Map<string, Set<string>>();
  const outputs = new Map<string, Set<string>>();
  const note = (names: Map<string, Set<string>>, module: string, name: string) =>
    names.set(module, (names.get(module) ?? new Set()).add(name));
  for (const { endpoint, sourcePrefix } of edge.routes) {
    if (endpoint.kind === 'module') note(inputs, endpoint.module, endpoint.input);
    const [, module, output] = /^\/messages\/modules\/([^/*]+)\/outputs\/([^/*]+)\/$/i.exec(sourcePrefix) ?? [];
    if (module !== undefined && output !== undefined) note(outputs, module, output);
  }
  const plain = (names: Map<string, Set<string>>) =>
    Object.fromEntries([...names].map(([module, each]) => [module, [...each]]));
  const modules = new Set([...deployedModules(edge), ...inputs.keys(), ...outputs.keys()]);
  return {
    modules: [...modules],
    inputs: plain(inputs),
    outputs: plain(outputs),
    routes: edge.routes.map(({ name }) => name),
  };
}

import type { EdgeEmitter } from '../../events.ts';
import type { ModuleStatus } from '../module-status.ts';
import type { ModuleLog } from './module-log.ts';

/** Name of the file with what the agent does; no module can be called so. */
export const agentLogName = '$edgeAgent';

/** Writes down what becomes of the modules, in the form in which edgeAgent writes. */
export function keepAgentLog(events: EdgeEmitter, log: ModuleLog): void {
  events.on('module', (status) => {
    const at = new Date();
    const time = at.toISOString().replace('T', ' ').replace('Z', ' +00:00');
    log.write({ at, stream: 'stdout', text: `<${levelOf(status)}> ${time} [edgeAgent] ${describe(status)}` });
  });
}

function levelOf({ runtimeStatus }: ModuleStatus): number {
  return runtimeStatus === 'running' || runtimeStatus === 'stopped' ? 6 : 4;
}

function describe({ module, runtimeStatus, statusDescription, pid, restartCount }: ModuleStatus): string {
  const process = pid === undefined ? '' : `, process ${pid}`;
  const restarts = restartCount === 0 ? '' : `, restarted ${restartCount} times`;
  return `module ${module} is ${runtimeStatus} (${statusDescription}${process}${restarts})`;
}

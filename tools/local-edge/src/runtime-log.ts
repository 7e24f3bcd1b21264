import { join } from 'node:path';
import { ModuleLog } from './agent/logs/module-log.ts';
import type { EdgeEmitter } from './events.ts';

/** Name under which the runtime's own lines appear. */
const runtimeName = '$edgeHub';

/**
 * Turns warnings into log lines of the runtime's own, in the form that modules use, and keeps them in `logs/edge-runtime.log`.
 * @returns what closes the file
 */
export function logWarnings(events: EdgeEmitter, stateDir: string): () => Promise<void> {
  const log = new ModuleLog(join(stateDir, 'logs'), 'edge-runtime');
  events.on('warning', ({ message, details }) => {
    const at = new Date();
    const time = at.toISOString().replace('T', ' ').replace('Z', ' +00:00');
    const text = `<4> ${time} [${runtimeName}] ${message} ${JSON.stringify(details)}`;
    log.write({ at, stream: 'stderr', text });
    events.emit('log', { module: runtimeName, stream: 'stderr', text, at });
  });
  return () => log.close();
}

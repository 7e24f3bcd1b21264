import { join } from 'node:path';
import { ModuleLog } from './module-log.ts';

/** The logs of all modules of a device, kept in one folder over restarts. */
export class LogStore {
  readonly #dir: string;
  readonly #logs = new Map<string, ModuleLog>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** The log of a module, whether or not there is anything in it yet. */
  of(module: string): ModuleLog {
    let log = this.#logs.get(module);
    if (log === undefined) {
      log = new ModuleLog(this.#dir, module);
      this.#logs.set(module, log);
    }
    return log;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#logs.values()].map((log) => log.close()));
  }
}

/** Where the logs lie in a state folder. */
export function logsDir(stateDir: string): string {
  return join(stateDir, 'logs');
}

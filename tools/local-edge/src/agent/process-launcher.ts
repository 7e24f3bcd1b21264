import { ModuleProcess, type ModuleProcessOptions } from './module-process.ts';
import type { ModuleLauncher, ModuleRun, OnLine } from './module-run.ts';
import type { ProcessRecord } from './process-record.ts';

export interface ProcessLauncherOptions extends Omit<ModuleProcessOptions, 'onLine'> {
  /** The module's name, under which its process is remembered. */
  readonly name: string;
  readonly record: ProcessRecord;
}

/** Runs a module as a process of this machine, and remembers it on disk for as long as it runs. */
export function processLauncher({ name, record, ...options }: ProcessLauncherOptions): ModuleLauncher {
  return {
    async launch(onLine: OnLine): Promise<ModuleRun> {
      const run = new ModuleProcess({ ...options, onLine });
      if (run.pid === undefined) return run;
      // A record that cannot be written costs no more than the clearing up after a runtime that is killed.
      await record.put(name, run.pid).catch(() => undefined);
      const exited = run.exited.then(async (code) => {
        await record.remove(name).catch(() => undefined);
        return code;
      });
      return { pid: run.pid, exited, stop: (graceMs) => run.stop(graceMs).then(() => exited) };
    },
  };
}

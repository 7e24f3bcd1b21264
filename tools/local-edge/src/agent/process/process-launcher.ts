import type { ModuleLauncher, ModuleRun, OnLine } from '../module-run.ts';
import { ModuleProcess, type ModuleProcessOptions } from './module-process.ts';
import type { OrphanGuard } from './orphan-guard.ts';
import type { ProcessRecord } from './process-record.ts';

export interface ProcessLauncherOptions extends Omit<ModuleProcessOptions, 'onLine'> {
  /** The module's name, under which its process is remembered. */
  readonly name: string;
  readonly record: ProcessRecord;
  readonly guard: OrphanGuard;
}

/** Runs a module as a process of this machine, and remembers it, on disk too, for as long as it runs. */
export function processLauncher({ name, record, guard, ...options }: ProcessLauncherOptions): ModuleLauncher {
  return {
    async launch(onLine: OnLine): Promise<ModuleRun> {
      const run = new ModuleProcess({ ...options, onLine });
      const { pid } = run;
      if (pid === undefined) return run;
      guard.add(pid);
      // A record that cannot be written costs no more than the clearing up after a runtime that is killed.
      await record.put(name, pid).catch(() => undefined);
      const exited = run.exited.then(async (code) => {
        guard.remove(pid);
        await record.remove(name).catch(() => undefined);
        return code;
      });
      return { pid, exited, stop: (graceMs) => run.stop(graceMs).then(() => exited) };
    },
  };
}

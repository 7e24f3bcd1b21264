/** One run of a module, whatever it runs as. */
export interface ModuleRun {
  /** Process id, where the module is a process of this machine. */
  readonly pid: number | undefined;
  /** Resolves with the exit code, 128 plus the number for one that a signal ended; never rejects. */
  readonly exited: Promise<number>;
  /** What says that a module that runs does not work: a container's HEALTHCHECK. A process has nothing of the kind. */
  readonly isUnhealthy?: boolean;
  /** SIGTERM, SIGKILL after the grace time. One that has ended already is no error. @returns the exit code */
  stop(graceMs: number): Promise<number>;
}

export type OnLine = (stream: 'stdout' | 'stderr', line: string) => void;

/** Starts a module; called again for each restart, never while a run of it goes on. */
export interface ModuleLauncher {
  /** @throws EdgeveilError when the module cannot be started; it then counts as ended, and its restart policy decides */
  launch(onLine: OnLine): Promise<ModuleRun>;
  /** The module is taken out of the deployment, or is about to be made anew: removes what its runs leave (a container). */
  remove?(): Promise<void>;
}

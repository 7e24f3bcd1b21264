/** What the agent knows about a module's process. */
export type RuntimeStatus = 'running' | 'stopped' | 'failed' | 'unhealthy' | 'backoff' | 'unknown';

export interface ModuleStatus {
  readonly module: string;
  readonly runtimeStatus: RuntimeStatus;
  /** `undefined` unless it runs. */
  readonly pid: number | undefined;
  /** Of the last process that ended; 128 plus the number for one that a signal ended. */
  readonly exitCode: number;
  readonly restartCount: number;
  readonly lastStartTime: Date | undefined;
  readonly lastExitTime: Date | undefined;
  readonly lastRestartTime: Date | undefined;
  readonly statusDescription: string;
}

import type { EndpointItems, EndpointName } from '@edgeveil/contracts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Output } from './output.ts';

/** Shows that a loop is alive: /healthz fails when it has not beaten for longer than it promised. */
export interface Heartbeat {
  beat(): void;
  /** Takes the loop out of the health check. */
  stop(): void;
}

/** What a module gets from the kit. */
export interface ModuleContext<Twin> {
  readonly moduleId: string;
  readonly deviceId: string;
  /** Random for each process: tells one life of a module from the next. */
  readonly instance: string;
  /** The twin in force at the start. */
  readonly twin: Twin;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder for what the module keeps (EDGEVEIL_STATE_DIR); exists. */
  readonly stateDir: string;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Aborted when stopping starts: take nothing new. */
  readonly signal: AbortSignal;
  /** The output of that name; the same one at each call. */
  output<Name extends EndpointName>(name: Name): Output<EndpointItems[Name]>;
  /** Merges a patch into the reported properties (null removes). Resolves when the hub has it; tried again after a reconnect. */
  report(patch: Readonly<Record<string, unknown>>): Promise<void>;
  /** Opens or closes a gate of /readyz. */
  ready(name: string, isReady: boolean, reason?: string): void;
  /** Starts to watch a loop that beats at least every `maxSilenceMs`. */
  heartbeat(name: string, maxSilenceMs: number): Heartbeat;
  /** Ends the process with exit code 1 after closing: for an InternalError in work that nobody awaits. */
  crash(error: unknown): void;
}

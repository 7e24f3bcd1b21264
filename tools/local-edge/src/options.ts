import type { ContainerSettings } from './agent/container/container-settings.ts';
import type { ModuleOverride } from './agent/process/resolve-command.ts';
import type { RestartLimits } from './agent/restart-policy.ts';
import type { LogLine } from './events.ts';

export interface LocalEdgeOptions {
  /** Path of a deployment manifest or template, or the document itself. */
  readonly manifest: string | object;
  /** Layered deployments that are put onto it: ascending by their `priority`, those without one in this order. */
  readonly layers?: readonly (string | object)[];
  /** Where everything is kept from start to start. One running edge to a folder. */
  readonly stateDir: string;
  /** Forget what earlier runs have left there. */
  readonly fresh?: boolean;
  /** Where `modules/<folder>/module.json` lies. The working directory by default. */
  readonly repoDir?: string;
  /** A loopback address with port 8883 free. One is looked for by default. */
  readonly address?: string;
  /** What modules call the gateway, if not the address: a name that leads there. */
  readonly gatewayHostName?: string;
  /** `edge` by default. */
  readonly deviceId?: string;
  /** The IoT hub that the device would belong to; goes into tokens. `local.azure-devices.net` by default. */
  readonly hubName?: string;
  /** What `$VAR` in the manifest stands for, and where PATH, HOME and TMPDIR of the modules come from. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** By module; what stands under `*` holds for all that run as processes, beneath the side file and what stands under the module's own name. */
  readonly moduleOverrides?: Readonly<Record<string, ModuleOverride>>;
  /** The side file that maps modules and images to processes. `local-edge.json` beside the manifest, or in `repoDir`, by default. */
  readonly commands?: string;
  /** Ends the start, with the signal's reason, or the running edge. */
  readonly signal?: AbortSignal;
  /** Runs modules as containers of the Docker engine on this machine, except those that a command is named for. Processes by default. */
  readonly docker?: boolean | ContainerSettings;
  /** The only modules to start; the others of the manifest have their identity, and may be started by hand. All by default. */
  readonly only?: readonly string[];
  /** Take any password for any module of this device. */
  readonly acceptAny?: boolean;
  /** `$upstream` messages to keep; beyond it the oldest go. 100 000 by default. */
  readonly maxUpstreamMessages?: number;
  /** What these may take on the disk. 1 GiB by default. */
  readonly maxUpstreamBytes?: number;
  /** What all queues together may take on the disk; then senders wait for their acknowledgements until there is room. 1 GiB by default. */
  readonly maxQueueBytes?: number;
  /** Every line that a module writes, and the runtime's own warnings. The files under `stateDir/logs` have them too. */
  readonly onLog?: (line: LogLine) => void;
  /** The runtime's warnings as data; tells of the start as well, which `events` cannot. */
  readonly onWarning?: (warning: { message: string; details: Readonly<Record<string, unknown>> }) => void;
  /**
   * Lets other processes of this user see and steer the edge, over a socket in the state folder: the commands of `edgeveil`, or `EdgeControl` of
   * `@edgeveil/local-edge/control`. `onStop` is called when one of them asks the edge to stop; by default it stops itself.
   */
  readonly control?: boolean | { readonly onStop: () => void };
  /** Times other than edgeAgent's and edgeHub's. For tests. */
  readonly timing?: Partial<LocalEdgeTiming>;
}

export interface LocalEdgeTiming {
  readonly reconcileIntervalMs: number;
  readonly restart: RestartLimits;
  readonly intensiveCareMs: number;
  readonly stopGraceMs: number;
  readonly ackTimeoutMs: number;
  readonly clock: () => number;
}

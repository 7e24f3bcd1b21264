// What goes over the control socket, as JSON. Types only: the client that small commands load must stay light.
import type { JsonObject } from '../twins/json-object.ts';

/** A module of the deployment, and what has become of it. Times are ISO 8601, absent for what never was. */
export interface ControlModule {
  readonly module: string;
  /** As in `ModuleStatus`; `not started` for one that this edge has but does not run. */
  readonly status: string;
  readonly description: string;
  readonly pid?: number;
  readonly exitCode: number;
  readonly restartCount: number;
  readonly lastStartTime?: string;
  readonly lastExitTime?: string;
}

/** What waits for one endpoint at one priority. */
export interface ControlQueue {
  /** `MODULE/INPUT`, or `$upstream`. */
  readonly endpoint: string;
  readonly priority: number;
  readonly messages: number;
  readonly bytes: number;
}

export interface ControlRoute {
  readonly name: string;
  readonly route: string;
  /** `MODULE/INPUT`, or `$upstream`. */
  readonly endpoint: string;
  readonly priority: number;
  readonly timeToLiveSecs: number;
}

/** How a running edge is. */
export interface EdgeStatus {
  readonly deviceId: string;
  readonly address: string;
  readonly stateDir: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly isOffline: boolean;
  readonly modules: readonly ControlModule[];
  /** Client ids, `DEVICE/MODULE`. */
  readonly clients: readonly string[];
  readonly queues: readonly ControlQueue[];
  readonly routes: readonly ControlRoute[];
  readonly upstream: { readonly count: number; readonly total: number };
}

/** Names that a command line may be completed with. */
export interface EdgeNames {
  readonly modules: readonly string[];
  /** By module, as far as routes name them. */
  readonly inputs: Readonly<Record<string, readonly string[]>>;
  readonly outputs: Readonly<Record<string, readonly string[]>>;
  readonly routes: readonly string[];
}

/** A body as text where it is some, parsed where it is JSON by its content type, and as base64 otherwise. */
export type ControlBody =
  | { readonly body: unknown; readonly bodyEncoding: 'json' | 'text' }
  | { readonly body: string; readonly bodyEncoding: 'base64' };

/** A message that passed, and where it went: nowhere, when `to` is empty. */
export type MonitoredMessage = ControlBody & {
  readonly time: string;
  /** As FROM names it: `/messages/modules/a/outputs/o`. */
  readonly source: string;
  readonly module?: string;
  readonly output?: string;
  readonly to: readonly { readonly endpoint: string; readonly routes: readonly string[]; readonly priority: number }[];
  readonly properties: Readonly<Record<string, string>>;
  readonly systemProperties: Readonly<Record<string, string>>;
  readonly bytes: number;
};

/** In place of messages that a slow reader of a stream has missed. */
export interface MissedLines {
  readonly missed: number;
}

export interface MonitorFilter {
  /** Only what goes along one of these routes. */
  readonly routes?: readonly string[];
  /** Only what comes from or goes to one of these modules. */
  readonly modules?: readonly string[];
  /** Only what a condition of the route language is true of. */
  readonly condition?: string;
}

export interface ControlLogLine {
  readonly module: string;
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface LogQuery {
  /** All by default. */
  readonly modules?: readonly string[];
  /** The last lines of each module. */
  readonly tail?: number;
  /** As for GetModuleLogs: RFC 3339, Unix seconds, `10 minutes`, `2h`, `1d`. */
  readonly since?: string;
  readonly until?: string;
  /** Go on with what comes. */
  readonly isFollowing?: boolean;
}

/** A message to put in. */
export interface SentMessage {
  readonly module: string;
  /** For the module's input … */
  readonly input?: string;
  /** … or as if the module had sent it on this output. */
  readonly output?: string;
  readonly bodyBase64: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly systemProperties: Readonly<Record<string, string>>;
}

/** Where a message went. */
export interface SentResult {
  readonly to: readonly { readonly endpoint: string; readonly routes: readonly string[] }[];
}

export interface ControlMethodCall {
  readonly methodName: string;
  readonly payload?: unknown;
  readonly connectTimeoutSecs?: number;
  readonly responseTimeoutSecs?: number;
}

export interface ControlMethodResult {
  readonly status: number;
  readonly payload: unknown;
}

export interface ControlTwin {
  readonly desired: JsonObject;
  readonly reported: JsonObject;
}

export interface ControlCredentials {
  readonly EdgeHubConnectionString: string;
  readonly EdgeModuleCACertificateFile: string;
  /** Whether the deployment has a module of this name. */
  readonly isInDeployment: boolean;
  /** Whether the edge runs it itself: a second client of its name would push it out. */
  readonly isRunning: boolean;
}

/** An error as it crosses the socket. */
export interface ControlError {
  readonly error: {
    readonly kind: 'config' | 'transient' | 'rejected' | 'internal';
    readonly code: string;
    readonly message: string;
  };
}

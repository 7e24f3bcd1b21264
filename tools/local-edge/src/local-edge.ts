import type { LogFilter } from './agent/logs/filter-log.ts';
import type { ModuleStatus } from './agent/module-status.ts';
import type { QueueStatus } from './delivery/queue-store.ts';
import type { UpstreamMessage } from './delivery/upstream-store.ts';
import type { EdgeEmitter, LogLine } from './events.ts';
import type { MethodRequest, MethodResult } from './hub/method-calls.ts';
import type { RouteResult } from './routing/evaluate-routes.ts';
import type { Route } from './routing/route.ts';
import type { JsonObject } from './twins/json-object.ts';
import type { TwinDocument } from './twins/twins.ts';

/** A message for a module's input, or one that a module is said to have sent. */
export interface OutgoingMessage {
  /** Objects become JSON, with contentType and contentEncoding set so that routes can ask about `$body`. */
  readonly body: Buffer | string | JsonObject;
  readonly properties?: Readonly<Record<string, string>>;
  readonly systemProperties?: Readonly<Record<string, string>>;
}

/** What a program that connects by itself needs: the connection string path of the SDK. */
export interface ModuleCredentials {
  readonly EdgeHubConnectionString: string;
  readonly EdgeModuleCACertificateFile: string;
}

/** What an MQTT client of any kind needs to log in, `mosquitto_pub` for one. */
export interface MqttLogin {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly username: string;
  /** A token. */
  readonly password: string;
  /** PEM file of the root that the hub's certificate comes from. */
  readonly caFile: string;
}

export interface WaitOptions {
  /** 30 s by default. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A running IoT Edge device. */
export interface LocalEdge {
  /** Where the hub listens. */
  readonly address: string;
  readonly deviceId: string;
  readonly events: EdgeEmitter;
  /** The routes as they are now. */
  readonly routes: readonly Route[];
  readonly twin: {
    /** Both halves with their `$version`; `$edgeAgent` and `$edgeHub` have twins too. */
    get(module: string): TwinDocument;
    /**
     * Merges a patch, null removing a key, and tells the module. A patch with a `$version` that is not newer than the stored one is ignored, as by
     * edgeHub. Routes of `$edgeHub` change at once. @returns the `$version` after it
     */
    patchDesired(module: string, patch: JsonObject): number;
    /** Puts a document in the place of the desired half and tells the module what differs. @returns the new `$version` */
    replaceDesired(module: string, desired: JsonObject): number;
  };
  /** A module's reported properties, `$version` included. */
  reported(module: string): JsonObject;
  /** Calls a direct method. @throws RejectedError EDGE_METHOD_INVALID, TransientError EDGE_METHOD_NOT_CONNECTED, EDGE_METHOD_TIMEOUT */
  invokeMethod(module: string, request: MethodRequest): Promise<MethodResult>;
  /** Puts a message into the queue of an input; resolves when it is stored. A route must lead to that input. */
  sendToInput(module: string, input: string, message: OutgoingMessage): Promise<void>;
  /** Routes a message as if a module had sent it; resolves, with where it goes, when it is stored. */
  sendAs(module: string, output: string | undefined, message: OutgoingMessage): Promise<readonly RouteResult[]>;
  readonly upstream: {
    /** Messages that are kept. */
    readonly count: number;
    /** Messages that ever came. */
    readonly total: number;
    messages(afterSeq?: number): Iterable<UpstreamMessage>;
  };
  /** Whether the way to `$upstream` is cut. */
  readonly offline: boolean;
  /**
   * Cuts the way to `$upstream`, or opens it. While it is cut, messages wait in its queues with their time to live; afterwards they arrive in order.
   * Modules see nothing of it. Stays as it is over a restart of the hub.
   */
  setOffline(offline: boolean): void;
  /** What waits, by endpoint and priority; kept in memory, so that asking often costs nothing. */
  queues(): readonly QueueStatus[];
  /** The client ids that are connected. */
  clients(): readonly string[];
  modules(): readonly ModuleStatus[];
  /** The folder that a module's process runs in; `undefined` for a container and for a module that is not run here. */
  moduleFolder(module: string): string | undefined;
  /** What a module has written, the oldest first, as far as it is kept (5 to 10 MB). @throws ConfigError EDGE_MODULE_UNKNOWN */
  moduleLogs(module: string, filter?: LogFilter): Promise<LogLine[]>;
  /**
   * Puts another deployment in the place of the one in force, as a cloud would: modules, routes and twins change while the edge runs, patches made to the
   * twins since are lost. What is wrong changes nothing and is reported as `lastDesiredStatus` of `$edgeAgent`. Resolves when the modules have been
   * started, stopped or made anew; what they report is looked at in `modules()`.
   * @throws ConfigError as startLocalEdge does, EDGE_DEPLOYMENT_FAILED
   */
  applyDeployment(manifest: string | object, layers?: readonly (string | object)[]): Promise<void>;
  /** Ends a module's process and starts it anew. @throws ConfigError EDGE_MODULE_UNKNOWN */
  restartModule(module: string): Promise<void>;
  /**
   * What a module started by hand needs to connect. `leaf:NAME` stands for a leaf device, here as everywhere that a module can be named; naming one
   * here makes its identity.
   */
  credentials(module: string): ModuleCredentials;
  /** The same for a client without an Azure SDK. The token is good for a day by default. */
  mqttLogin(module: string, lifetimeSecs?: number): MqttLogin;
  /** The environment by which the SDK finds this edge, for a module started by hand. @throws ConfigError EDGE_MODULE_UNKNOWN */
  environment(module: string): Readonly<Record<string, string>>;
  /** Resolves with what `predicate` yields as soon as that is not undefined or false. Asked at every event. @throws TransientError EDGE_WAIT_TIMEOUT */
  waitFor<T>(
    predicate: () => T | undefined | false | Promise<T | undefined | false>,
    options?: WaitOptions,
  ): Promise<T>;
  /** Stops the modules in order, then the hub. */
  stop(): Promise<void>;
}

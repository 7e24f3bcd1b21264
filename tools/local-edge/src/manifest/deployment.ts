import type { JsonObject } from '../twins/json-object.ts';
import type { HubConfig } from './hub-config.ts';

export type RestartPolicy = 'never' | 'on-failure' | 'on-unhealthy' | 'always';

/** What an image's create options mean to a process. The rest of them has no counterpart and is named in `ignored`. */
export interface CreateOptions {
  readonly env: Readonly<Record<string, string>>;
  /** `source:/container/path[:mode]` */
  readonly binds: readonly Bind[];
  readonly ignored: readonly string[];
}

export interface Bind {
  /** A volume's name, or an absolute path. */
  readonly source: string;
  readonly target: string;
}

/** A module as the manifest describes it. */
export interface ModuleSpec {
  readonly name: string;
  readonly image: string;
  readonly status: 'running' | 'stopped';
  readonly restartPolicy: RestartPolicy;
  readonly startupOrder: number;
  readonly imagePullPolicy: 'on-create' | 'never';
  readonly version: string;
  readonly env: Readonly<Record<string, string>>;
  readonly createOptions: CreateOptions;
  /** The create options whole, as a container engine takes them. */
  readonly createOptionsDocument: JsonObject;
  /** The module's entry as it stands, for the reported properties. */
  readonly source: JsonObject;
}

/** What `$edgeAgent`'s desired properties say. */
export interface AgentConfig {
  readonly modules: readonly ModuleSpec[];
  /** The container engine's settings; empty when the manifest has none. */
  readonly runtime: JsonObject;
  /** edgeAgent and edgeHub as the manifest has them, which here are this program. */
  readonly systemModules: JsonObject;
}

/** A deployment manifest, checked. */
export interface Deployment extends AgentConfig {
  readonly hub: HubConfig;
  /** The desired properties of every module, `$edgeAgent` and `$edgeHub` among them. */
  readonly desired: ReadonlyMap<string, JsonObject>;
}

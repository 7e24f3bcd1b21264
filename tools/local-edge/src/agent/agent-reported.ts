import { createOptionsDocument } from '../manifest/create-options.ts';
import type { AgentConfig, ModuleSpec } from '../manifest/deployment.ts';
import { isJsonObject, type JsonObject } from '../twins/json-object.ts';
import type { DeploymentStatus } from './deployment-status.ts';
import type { ModuleStatus } from './module-status.ts';
import { runtimeVersion } from './runtime-version.ts';

export interface AgentReport {
  readonly config: AgentConfig;
  readonly statuses: readonly ModuleStatus[];
  readonly lastDesired: { readonly version: number; readonly status: DeploymentStatus };
  /** Since when the runtime runs, and with it edgeAgent and edgeHub. */
  readonly startedAt: Date;
}

// .NET's DateTime.MinValue: what edgeAgent reports for a time that never was.
const never = '0001-01-01T00:00:00';

/** `$edgeAgent`'s reported properties (AgentState.cs). */
export function agentReported({ config, statuses, lastDesired, startedAt }: AgentReport): JsonObject {
  const byName = new Map(statuses.map((status) => [status.module, status]));
  return {
    schemaVersion: '1.0',
    version: runtimeVersion,
    lastDesiredVersion: lastDesired.version,
    lastDesiredStatus: { ...lastDesired.status },
    runtime: runtime(config.runtime),
    systemModules: {
      edgeAgent: systemModule('edgeAgent', config, startedAt),
      edgeHub: {
        status: 'running',
        restartPolicy: 'always',
        startupOrder: 0,
        ...systemModule('edgeHub', config, startedAt),
        restartCount: 0,
        lastRestartTimeUtc: never,
      },
    },
    modules: Object.fromEntries(
      config.modules.map((spec) => [spec.name, { ...described(spec), ...observed(byName.get(spec.name)) }]),
    ),
  };
}

function runtime(desired: JsonObject): JsonObject {
  // Credentials of registries are nothing to report.
  const { registryCredentials: _credentials, ...settings } = isJsonObject(desired.settings) ? desired.settings : {};
  return {
    type: 'docker',
    platform: { os: process.platform, architecture: architecture(), version: runtimeVersion.version },
    settings,
  };
}

function systemModule(name: 'edgeAgent' | 'edgeHub', config: AgentConfig, startedAt: Date): JsonObject {
  const desired = config.systemModules[name];
  const given = isJsonObject(desired) ? desired : {};
  const givenSettings = isJsonObject(given.settings) ? given.settings : {};
  return {
    type: 'docker',
    imagePullPolicy: 'on-create',
    ...given,
    env: isJsonObject(given.env) ? given.env : {},
    settings: settings(givenSettings, createOptionsDocument(name, givenSettings)),
    runtimeStatus: 'running',
    exitCode: 0,
    statusDescription: 'running',
    lastStartTimeUtc: startedAt.toISOString(),
    lastExitTimeUtc: never,
  };
}

function described(spec: ModuleSpec): JsonObject {
  return {
    ...spec.source,
    type: 'docker',
    version: spec.version,
    status: spec.status,
    restartPolicy: spec.restartPolicy,
    imagePullPolicy: spec.imagePullPolicy,
    startupOrder: spec.startupOrder,
    env: isJsonObject(spec.source.env) ? spec.source.env : {},
    settings: settings(spec.source.settings, spec.createOptionsDocument),
  };
}

// As edgeAgent does: the parts of the create options joined.
function settings(given: unknown, createOptions: JsonObject): JsonObject {
  const kept = Object.entries(isJsonObject(given) ? given : {}).filter(([key]) => !/^createoptions\d*$/i.test(key));
  return { ...Object.fromEntries(kept), createOptions: JSON.stringify(createOptions) };
}

function observed(status: ModuleStatus | undefined): JsonObject {
  return {
    runtimeStatus: status?.runtimeStatus ?? 'unknown',
    exitCode: status?.exitCode ?? 0,
    statusDescription: status?.statusDescription ?? 'not run by this runtime',
    lastStartTimeUtc: status?.lastStartTime?.toISOString() ?? never,
    lastExitTimeUtc: status?.lastExitTime?.toISOString() ?? never,
    restartCount: status?.restartCount ?? 0,
    lastRestartTimeUtc: status?.lastRestartTime?.toISOString() ?? never,
  };
}

function architecture(): string {
  const names: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', arm: 'armv7l' };
  return names[process.arch] ?? process.arch;
}

import type { Deployment } from '../manifest/deployment.ts';
import type { JsonObject } from '../twins/json-object.ts';
import type { ModuleStatus } from './module-status.ts';

// .NET's DateTime.MinValue: what edgeAgent reports for a time that never was.
const never = '0001-01-01T00:00:00';

/** `$edgeAgent`'s reported properties (AgentState.cs), as far as a process has them. */
export function agentReported(
  deployment: Deployment,
  statuses: readonly ModuleStatus[],
  lastDesiredVersion: number,
): JsonObject {
  const byName = new Map(statuses.map((status) => [status.module, status]));
  const modules: Record<string, unknown> = {};
  for (const spec of deployment.modules) {
    const status = byName.get(spec.name);
    modules[spec.name] = {
      ...spec.source,
      runtimeStatus: status?.runtimeStatus ?? 'unknown',
      exitCode: status?.exitCode ?? 0,
      statusDescription: status?.statusDescription ?? 'not started by this runtime',
      lastStartTimeUtc: status?.lastStartTime?.toISOString() ?? never,
      lastExitTimeUtc: status?.lastExitTime?.toISOString() ?? never,
      restartCount: status?.restartCount ?? 0,
      lastRestartTimeUtc: status?.lastRestartTime?.toISOString() ?? never,
    };
  }
  return {
    schemaVersion: '1.0',
    lastDesiredVersion,
    lastDesiredStatus: { code: 200, description: '' },
    runtime: {
      type: 'process',
      platform: { os: process.platform, architecture: process.arch, version: process.version },
    },
    modules,
  };
}

import type { ModuleStatus } from '../agent/module-status.ts';
import type { ModuleSpec } from '../manifest/deployment.ts';
import type { JsonObject } from '../twins/json-object.ts';

/** An entry of `GET /modules`, as aziot-edged writes it (list_modules.rs); `id` is a constant there, and `env` is always empty. */
export function moduleDetails(spec: ModuleSpec, status: ModuleStatus | undefined): JsonObject {
  return {
    id: 'id',
    name: spec.name,
    type: 'docker',
    config: { settings: spec.source.settings ?? {}, env: [] },
    status: {
      ...(status?.lastStartTime === undefined ? {} : { startTime: status.lastStartTime.toISOString() }),
      ...(status?.lastExitTime === undefined
        ? {}
        : { exitStatus: { exitTime: status.lastExitTime.toISOString(), statusCode: String(status.exitCode) } }),
      runtimeStatus: {
        status: status?.runtimeStatus ?? 'unknown',
        ...(status === undefined || status.statusDescription === '' ? {} : { description: status.statusDescription }),
      },
    },
  };
}

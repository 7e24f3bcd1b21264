import type { ModuleSpec } from '../manifest/deployment.ts';
import { type Mount, rewritePath } from './volumes.ts';

/** What the runtime tells every module about itself. */
export interface ModuleIdentity {
  readonly workloadUri: string;
  readonly generationId: string;
  readonly hubName: string;
  readonly gatewayHostName: string;
  readonly deviceId: string;
  readonly moduleId: string;
}

// A process needs these of its parent's; a container would bring its own. Nothing else is inherited.
const inherited = ['PATH', 'HOME', 'TMPDIR'] as const;

/**
 * The environment of a module's process: the create options', then the manifest's, then edgeAgent's own, which win
 * (CreateOrUpdateCommand.cs). Paths below a mount are rewritten.
 */
export function moduleEnvironment(
  spec: ModuleSpec,
  identity: ModuleIdentity,
  mounts: readonly Mount[],
  parent: Readonly<Record<string, string | undefined>>,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of inherited) {
    const value = parent[name];
    if (value !== undefined) environment[name] = value;
  }
  for (const [name, value] of Object.entries({ ...spec.createOptions.env, ...spec.env })) {
    environment[name] = rewritePath(value, mounts);
  }
  return {
    RuntimeLogLevel: 'info',
    ...environment,
    ...extra,
    IOTEDGE_WORKLOADURI: identity.workloadUri,
    IOTEDGE_AUTHSCHEME: 'sasToken',
    IOTEDGE_MODULEGENERATIONID: identity.generationId,
    IOTEDGE_IOTHUBHOSTNAME: identity.hubName,
    IOTEDGE_GATEWAYHOSTNAME: identity.gatewayHostName,
    IOTEDGE_DEVICEID: identity.deviceId,
    IOTEDGE_MODULEID: identity.moduleId,
    IOTEDGE_APIVERSION: '2022-08-03',
  };
}

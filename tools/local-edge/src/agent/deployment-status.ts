import { ConfigError } from '@edgeveil/contracts';

/** How edgeAgent reports that it took a deployment, or why not (DeploymentStatusCode.cs). */
export interface DeploymentStatus {
  /** 200 taken, 400 malformed, 412 of another schema version, 417 empty, 500 for all else. */
  readonly code: number;
  readonly description: string;
}

export const deploymentTaken: DeploymentStatus = { code: 200, description: '' };

/** What an error in taking a deployment is reported as. */
export function deploymentStatusOf(error: unknown): DeploymentStatus {
  const description = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ConfigError)) return { code: 500, description };
  const code = error.details.deploymentStatus;
  return { code: typeof code === 'number' ? code : 400, description };
}

import { ConfigError } from '@edgeveil/contracts';
import { compileRoutes } from '../hub/compile-routes.ts';
import { loadDeployment } from '../manifest/load-deployment.ts';
import type { Twins } from '../twins/twins.ts';
import type { Deployer } from './deployer.ts';
import { deploymentTaken } from './deployment-status.ts';

export interface DeploymentTarget {
  readonly deviceId: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly deployer: Deployer;
  readonly twins: Twins;
}

/**
 * Takes another deployment on a running edge. It is checked as a whole first, and its twins are stored as a whole, so that a runtime that is killed at any
 * point comes back with the one or with the other.
 * @throws ConfigError for what is wrong with it, with nothing changed; EDGE_DEPLOYMENT_FAILED when a module could not be made
 */
export function applyDeployment(
  target: DeploymentTarget,
  manifest: string | object,
  layers: readonly (string | object)[] = [],
): Promise<void> {
  return target.deployer.inOrder(() => apply(target, manifest, layers));
}

async function apply(
  { deviceId, environment, deployer, twins }: DeploymentTarget,
  manifest: string | object,
  layers: readonly (string | object)[],
): Promise<void> {
  try {
    const deployment = await loadDeployment(manifest, environment, layers);
    compileRoutes(deployment.hub.routes, deviceId);
    await deployer.check(deployment);
    twins.deploy(deployment.desired);
  } catch (error) {
    deployer.refuse(error);
    throw error;
  }
  await deployer.follow();
  const { code, description } = deployer.lastDesired.status;
  if (code !== deploymentTaken.code) throw new ConfigError('EDGE_DEPLOYMENT_FAILED', description);
}

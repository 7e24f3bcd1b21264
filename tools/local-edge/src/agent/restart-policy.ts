import type { RestartPolicy } from '../manifest/deployment.ts';
import type { RuntimeStatus } from './module-status.ts';

export interface RestartLimits {
  /** A module that was restarted this often stays `failed`. */
  readonly maxRestartCount: number;
  readonly backOffUnitMs: number;
  readonly maxBackOffMs: number;
}

export const edgeAgentLimits: RestartLimits = { maxRestartCount: 20, backOffUnitMs: 10_000, maxBackOffMs: 300_000 };

/** What a module that should run, and is found in a state, is to be taken for (RestartPolicyManager.cs). */
export function statusUnderPolicy(
  found: RuntimeStatus,
  policy: RestartPolicy,
  restartCount: number,
  limits: RestartLimits = edgeAgentLimits,
): RuntimeStatus {
  const isDown = found === 'failed' || found === 'unhealthy' || (found === 'stopped' && policy === 'always');
  if (!isDown || policy === 'never') return found;
  return restartCount < limits.maxRestartCount ? 'backoff' : 'failed';
}

/** How long a module waits before its next restart. */
export function backOffMs(restartCount: number, limits: RestartLimits = edgeAgentLimits): number {
  return Math.min(limits.backOffUnitMs * 2 ** restartCount, limits.maxBackOffMs);
}

/** Whether a module in `backoff` is to be restarted now. An exit that lies in the future counts as long ago. */
export function isRestartDue(
  status: RuntimeStatus,
  policy: RestartPolicy,
  restartCount: number,
  msSinceLastExit: number | undefined,
  limits: RestartLimits = edgeAgentLimits,
): boolean {
  if (policy === 'never' || status !== 'backoff') return false;
  if (msSinceLastExit === undefined || msSinceLastExit < 0) return true;
  return msSinceLastExit > backOffMs(restartCount, limits);
}

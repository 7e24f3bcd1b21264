import type { ModuleOverride } from '@edgeveil/local-edge';

/**
 * As processes of one machine the modules share its ports, and another deployment may run beside: each takes a free one
 * for its health and metrics, on this machine only, and reports it.
 */
export function ownPorts(modules: readonly string[]): Record<string, ModuleOverride> {
  const env = { EDGEVEIL_HTTP_HOST: '127.0.0.1', EDGEVEIL_HTTP_PORT: '0' };
  return Object.fromEntries(modules.map((module) => [module, { env }]));
}

import type { ModuleOverride } from '@edgeveil/local-edge';

/**
 * As processes of one machine the modules share its ports, and another deployment may run beside: each takes a free one for its health and metrics,
 * on this machine only, and reports it.
 */
export const ownPorts: Readonly<Record<'*', ModuleOverride>> = {
  '*': { env: { EDGEVEIL_HTTP_HOST: '127.0.0.1', EDGEVEIL_HTTP_PORT: '0' } },
};

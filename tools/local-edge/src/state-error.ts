import { ConfigError } from '@edgeveil/contracts';

/** What a start failed of, as an error to act on where the state folder or its disk is to blame: no permission, no room, no folder. */
export function stateError(error: unknown, stateDir: string): unknown {
  if (!(error instanceof Error) || error instanceof ConfigError) return error;
  const isOfDatabase = 'errcode' in error;
  const isOfFolder = 'path' in error && typeof error.path === 'string' && error.path.startsWith(stateDir);
  if (!isOfDatabase && !isOfFolder) return error;
  return new ConfigError('EDGE_STATE_UNUSABLE', `the state folder ${stateDir} cannot be used: ${error.message}`, {
    cause: error,
  });
}

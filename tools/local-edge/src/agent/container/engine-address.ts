import { ConfigError } from '@edgeveil/contracts';

/** Where an engine listens. */
export type EngineAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number; readonly protocol: 'http' };

const defaultSocket = '/var/run/docker.sock';
const plainPort = 2375;

/**
 * Reads an address in the form of DOCKER_HOST; without one it is Docker's own socket.
 * @throws ConfigError EDGE_ENGINE_UNAVAILABLE for a form that is not supported: TLS and ssh lead to engines of other machines, which could
 * not see the modules' sockets
 */
export function engineAddress(text: string | undefined): EngineAddress {
  if (text === undefined || text === '' || text === 'unix://') return { socketPath: defaultSocket };
  if (text.startsWith('/')) return { socketPath: text };
  if (text.startsWith('unix:///')) return { socketPath: text.slice('unix://'.length) };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.protocol === 'tcp:' || url.protocol === 'http:') && url.hostname !== '') {
    return {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      // Of the text, since a URL forgets the port that its scheme has anyway.
      port: Number(/:(\d+)\/?$/.exec(text)?.[1] ?? plainPort),
      protocol: 'http',
    };
  }
  throw new ConfigError(
    'EDGE_ENGINE_UNAVAILABLE',
    `'${text}' is not the address of a Docker engine on this machine: unix:///path or tcp://host:port`,
  );
}

/** The address for people. */
export function describeAddress(address: EngineAddress): string {
  return 'socketPath' in address ? address.socketPath : `${address.host}:${address.port}`;
}

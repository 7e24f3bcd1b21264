import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { ConfigError } from '@edgeveil/contracts';

/** A listener of the hub's, at a port. */
export interface HubListener {
  readonly port: number;
  /** Takes a connection as if it had come to the hub's own address. */
  accept(socket: Socket): void;
}

/**
 * Opens the hub's listeners on the containers' network too, which loopback addresses do not reach.
 * @returns what closes them
 * @throws ConfigError EDGE_ADDRESS_IN_USE, EDGE_ENGINE_NOT_LOCAL when this machine has no such address: the engine is in a virtual machine or on
 * another machine
 */
export async function listenOnBridge(address: string, listeners: readonly HubListener[]): Promise<() => Promise<void>> {
  const servers: Server[] = [];
  const close = async () => {
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  };
  try {
    for (const listener of listeners) {
      const server = createServer({ noDelay: true }, (socket) => listener.accept(socket));
      server.listen(listener.port, address);
      await once(server, 'listening');
      servers.push(server);
    }
  } catch (cause) {
    await close();
    throw listenError(address, cause);
  }
  return close;
}

function listenError(address: string, cause: unknown): ConfigError {
  if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRNOTAVAIL') {
    const message = `the containers' network is not on this machine (it has no address ${address}): the Docker engine has to run here, not in a virtual machine`;
    return new ConfigError('EDGE_ENGINE_NOT_LOCAL', message, { cause });
  }
  const message = `the hub cannot listen on ${address}, where containers look for it: ${String(cause)}`;
  return new ConfigError('EDGE_ADDRESS_IN_USE', message, { cause });
}

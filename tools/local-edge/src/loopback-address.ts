import { once } from 'node:events';
import { createServer } from 'node:net';
import { ConfigError } from '@edgeveil/contracts';

/**
 * Finds a loopback address on which a port is free. The Node SDK knows no other ports than 8883 and 443, so it is the address by which edges that run side by
 * side differ; on Linux all of 127/8 is there for it.
 * @throws ConfigError EDGE_ADDRESS_IN_USE
 */
export async function findLoopbackAddress(port: number): Promise<string> {
  for (let last = 1; last < 255; last += 1) {
    const address = `127.0.0.${last}`;
    if (await isFree(address, port)) return address;
  }
  throw new ConfigError('EDGE_ADDRESS_IN_USE', `no loopback address has port ${port} free`);
}

async function isFree(address: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, address);
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

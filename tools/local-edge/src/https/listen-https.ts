import type { Socket } from 'node:net';
import { createMethodEndpoint, type MethodEndpointOptions } from './method-endpoint.ts';

// The SDK knows no other, and a port in the gateway's name breaks its method calls: there is no way round it.
const httpsPort = 443;

export interface ListenHttpsOptions extends MethodEndpointOptions {
  readonly address: string;
  /** 443. */
  readonly port?: number;
}

export interface HttpsListener {
  readonly port: number;
  /** Takes a connection that came to another address, TLS still to be spoken. */
  accept(socket: Socket): void;
  close(): Promise<void>;
}

/**
 * Opens the endpoint for method calls between modules. Where the port cannot be had the edge runs without it, since few modules call others:
 * a warning says what to do. @returns `undefined` then
 */
export async function listenHttps(options: ListenHttpsOptions): Promise<HttpsListener | undefined> {
  const { address, port = httpsPort } = options;
  const server = createMethodEndpoint(options);
  try {
    await server.listen({ host: address, port });
  } catch (error) {
    await server.close();
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    options.warn('modules cannot call methods of other modules', { address, port, reason: reasonOf(code, port) });
    return undefined;
  }
  return {
    port,
    accept: (socket) => void server.server.emit('connection', socket),
    close: () => server.close(),
  };
}

function reasonOf(code: string, port: number): string {
  switch (code) {
    case 'EACCES':
      return `port ${port} is not permitted to this user: sysctl -w net.ipv4.ip_unprivileged_port_start=${port} permits it`;
    case 'EADDRINUSE':
      return `port ${port} of the address is in use`;
    default:
      return code;
  }
}

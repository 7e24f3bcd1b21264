import { rm } from 'node:fs/promises';
import { ConfigError } from '@edgeveil/contracts';
import fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { hmac } from './sas-token.ts';

export interface WorkloadOptions {
  readonly moduleId: string;
  readonly generationId: string;
  /** The module's own key, base64. Never leaves the runtime: modules have it sign for them. */
  readonly key: string;
  /** PEM of what the module is to trust. */
  readonly trustBundle: string;
}

// Linux takes 107 bytes, macOS 103.
const maxSocketPathBytes = 103;

const signRequest = z.object({
  keyId: z.string().optional(),
  algo: z.string().optional(),
  data: z.base64(),
});

const moduleParams = z.object({ module: z.string(), generation: z.string() });

/**
 * The workload API of one module, on a unix socket of its own: the socket says who the caller is, as the peer's process id does on a
 * real device. @returns the server, listening
 */
export async function listenWorkload(socketPath: string, options: WorkloadOptions): Promise<FastifyInstance> {
  if (Buffer.byteLength(socketPath) > maxSocketPathBytes) {
    throw new ConfigError('EDGE_SOCKET_PATH_TOO_LONG', `${socketPath} has more than ${maxSocketPathBytes} bytes`);
  }
  const server = fastify({ bodyLimit: 65_536, forceCloseConnections: true });
  server.setErrorHandler(async (error: unknown, _request, reply) => {
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
    return reply.code(status).send({ message: error instanceof Error ? error.message : String(error) });
  });
  server.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ message: 'Not found' }));

  server.get('/trust-bundle', async () => ({ certificate: options.trustBundle }));

  server.post('/modules/:module/genid/:generation/sign', async (request, reply) => {
    const { module } = moduleParams.parse(request.params);
    if (module !== options.moduleId) return reply.code(403).send({ message: `The caller is not module ${module}` });
    const body = signRequest.safeParse(request.body);
    if (!body.success) return reply.code(400).send({ message: 'The request has no base64 data' });
    return { digest: hmac(options.key, Buffer.from(body.data.data, 'base64')) };
  });

  // The other calls of the API belong here: encrypt, decrypt, certificate/server, certificate/identity, manifest-trust-bundle, modules.

  // A socket that a killed runtime left behind would refuse the address.
  await rm(socketPath, { force: true });
  await server.listen({ path: socketPath });
  return server;
}

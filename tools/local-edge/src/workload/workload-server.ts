import { rm } from 'node:fs/promises';
import { ConfigError, EdgeveilError } from '@edgeveil/contracts';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CertificateAuthority } from '../pki/certificate-authority.ts';
import type { JsonObject } from '../twins/json-object.ts';
import { issueIdentityCertificate, issueServerCertificate } from './issue-certificates.ts';
import { hmac } from './sas-token.ts';
import { decryptSecret, encryptSecret } from './secret-box.ts';
import { workloadError } from './workload-error.ts';

/** What the workload API of every module has in common. */
export interface WorkloadDevice {
  readonly deviceId: string;
  readonly hubName: string;
  /** Its root is what modules are to trust. */
  readonly authority: CertificateAuthority;
  /** Encrypts what modules want kept secret. */
  readonly masterKey: Buffer;
  /** The entries of `GET /modules`. */
  readonly modules: () => readonly JsonObject[];
}

export interface WorkloadOptions extends WorkloadDevice {
  readonly moduleId: string;
  readonly generationId: string;
  /** The module's own key, base64. Never leaves the runtime: modules have it sign for them. */
  readonly key: string;
}

// Linux takes 107 bytes, macOS 103.
const maxSocketPathBytes = 103;
const apiVersions = new Set([
  '2018-06-28',
  '2019-01-30',
  '2019-10-22',
  '2019-11-05',
  '2020-07-07',
  '2021-12-07',
  '2022-08-03',
]);

const text = z.string();
const signRequest = z.object({ data: text });
const encryptRequest = z.object({ plaintext: text, initializationVector: text });
const decryptRequest = z.object({ ciphertext: text, initializationVector: text });
const serverCertificateRequest = z.object({ commonName: text });
const moduleParams = z.object({ module: text, generation: text.default('') });

/**
 * The workload API of one module, on a unix socket of its own: the socket says who the caller is, as the peer's process id does on a
 * real device. Statuses and words are aziot-edged's (edgelet-http-workload). @returns the server, listening
 * @throws ConfigError EDGE_SOCKET_PATH_TOO_LONG
 */
export async function listenWorkload(socketPath: string, options: WorkloadOptions): Promise<FastifyInstance> {
  if (Buffer.byteLength(socketPath) > maxSocketPathBytes) {
    throw new ConfigError('EDGE_SOCKET_PATH_TOO_LONG', `${socketPath} has more than ${maxSocketPathBytes} bytes`);
  }
  const server = createServer();
  addDeviceRoutes(server, options);
  addModuleRoutes(server, options);
  // A socket that a killed runtime left behind would refuse the address.
  await rm(socketPath, { force: true });
  await server.listen({ path: socketPath });
  return server;
}

function createServer(): FastifyInstance {
  const server = fastify({ bodyLimit: 1_048_576, forceCloseConnections: true, requestTimeout: 30_000 });
  server.removeAllContentTypeParsers();
  // Bodies are read as JSON by those who need one, so that a missing type and an empty body get aziot-edged's answers.
  server.addContentTypeParser('*', { parseAs: 'string' }, async (request: FastifyRequest, body: string) =>
    /^application\/json(;|$)/.test(request.headers['content-type'] ?? 'application/json') ? body : undefined,
  );
  server.setErrorHandler(async (error: unknown, _request, reply) => {
    const status = error instanceof EdgeveilError ? error.details.httpStatus : statusOf(error);
    return reply.code(typeof status === 'number' ? status : 500).send({
      message: error instanceof Error ? error.message : String(error),
    });
  });
  server.addHook('onRequest', async (request) => {
    const version = z.object({ 'api-version': text }).safeParse(request.query).data?.['api-version'];
    if (version === undefined) throw workloadError(400, 'api-version not specified');
    if (!apiVersions.has(version)) throw workloadError(400, `invalid api-version ${JSON.stringify(version)}`);
  });
  server.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ message: 'not found' }));
  return server;
}

function addDeviceRoutes(server: FastifyInstance, { authority, modules }: WorkloadDevice): void {
  server.get('/trust-bundle', async () => ({ certificate: authority.pem }));
  // Deployments are not signed here.
  server.get('/manifest-trust-bundle', async () => ({ certificate: '' }));
  server.get('/modules', async () => ({ modules: modules() }));
}

function addModuleRoutes(server: FastifyInstance, options: WorkloadOptions): void {
  const { key, masterKey } = options;
  const post = (path: string, status: number, answer: (request: FastifyRequest, owner: string) => unknown) => {
    server.post(`/modules/:module${path}`, async (request, reply) => {
      const { module, generation } = moduleParams.parse(request.params);
      if (module !== options.moduleId) throw workloadError(403, `the caller is not module ${module}`);
      return reply.code(status).send(await answer(request, module + generation));
    });
  };
  post('/genid/:generation/sign', 200, (request) => {
    const { data } = bodyOf(request, signRequest);
    return { digest: hmac(key, bytesOf(data)) };
  });
  post('/genid/:generation/encrypt', 200, (request, owner) => {
    const body = bodyOf(request, encryptRequest);
    const [plaintext, iv] = [bytesOf(body.plaintext), bytesOf(body.initializationVector)];
    return { ciphertext: cryptographically(() => encryptSecret(masterKey, plaintext, iv, owner)) };
  });
  post('/genid/:generation/decrypt', 200, (request, owner) => {
    const body = bodyOf(request, decryptRequest);
    const [ciphertext, iv] = [bytesOf(body.ciphertext), bytesOf(body.initializationVector)];
    return { plaintext: cryptographically(() => decryptSecret(masterKey, ciphertext, iv, owner)) };
  });
  post('/genid/:generation/certificate/server', 201, (request) =>
    issueServerCertificate(options, bodyOf(request, serverCertificateRequest).commonName),
  );
  post('/certificate/identity', 201, () => issueIdentityCertificate(options));
}

function bodyOf<T>(request: FastifyRequest, schema: z.ZodType<T>): T {
  if (typeof request.body !== 'string' || request.body === '') throw workloadError(400, 'missing request body');
  let document: unknown;
  try {
    document = JSON.parse(request.body);
  } catch (cause) {
    throw workloadError(422, 'the request body is not JSON', cause);
  }
  const parsed = schema.safeParse(document);
  if (!parsed.success) throw workloadError(422, z.prettifyError(parsed.error));
  return parsed.data;
}

function bytesOf(base64: string): Buffer {
  if (!z.base64().safeParse(base64).success) throw workloadError(400, 'invalid base64 encoding');
  return Buffer.from(base64, 'base64');
}

function cryptographically(work: () => Buffer): string {
  try {
    return work().toString('base64');
  } catch (cause) {
    throw workloadError(500, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
}

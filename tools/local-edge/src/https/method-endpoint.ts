import { EdgeveilError } from '@edgeveil/contracts';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { MethodCalls } from '../hub/method-calls.ts';
import type { Identity } from '../mqtt/edge-message.ts';
import { clientIdOf } from '../mqtt/edge-message.ts';
import type { ServerCertificate } from '../pki/server-certificate.ts';
import { readMethodBody, writeMethodResult } from './method-body.ts';

export interface MethodEndpointOptions {
  readonly deviceId: string;
  readonly methods: Pick<MethodCalls, 'validate' | 'invokeRaw'>;
  /** Why a token does not prove who calls; `undefined` when it does. */
  readonly identityProblem: (identity: Identity, token: string | undefined) => string | undefined;
  readonly pem: ServerCertificate;
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void;
}

const actorHeader = 'x-ms-edge-moduleid';
const contentType = 'application/json; charset=utf-8';
const params = z.object({ device: z.string(), module: z.string().optional() });

/**
 * edgeHub's HTTPS endpoint as far as modules use it: methods of other modules and devices (TwinsController.cs). Not listening yet. It checks in
 * edgeHub's order: first the request, then who sends it.
 */
export function createMethodEndpoint(options: MethodEndpointOptions) {
  const { methods, pem } = options;
  const server = fastify({
    https: { key: pem.key, cert: pem.certificate, minVersion: 'TLSv1.2' },
    bodyLimit: 1_048_576,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 500 },
  });
  server.removeContentTypeParser('text/plain');
  server.setErrorHandler(async (error: unknown, _request, reply) => {
    const status = error instanceof EdgeveilError ? error.details.httpStatus : statusOf(error);
    const message = error instanceof Error ? error.message : String(error);
    return send(reply, typeof status === 'number' ? status : 500, JSON.stringify({ message }));
  });
  server.setNotFoundHandler(async (_request, reply) => reply.code(404).send());
  const invoke = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { device, module } = params.parse(request.params);
    const call = readMethodBody(request.body);
    methods.validate(call);
    const refusal = actorProblem(request, options);
    if (refusal !== undefined) return send(reply, refusal.status, JSON.stringify({ message: refusal.message }));
    const result = await methods.invokeRaw(clientIdOf({ deviceId: device, moduleId: module }), call);
    return send(reply, 200, writeMethodResult(result));
  };
  server.post('/twins/:device/methods', invoke);
  server.post('/twins/:device/modules/:module/methods', invoke);
  return server;
}

function actorProblem(
  request: FastifyRequest,
  { deviceId, identityProblem, warn }: MethodEndpointOptions,
): { readonly status: 400 | 401; readonly message: string } | undefined {
  const actor = /^\/*([^/]+)\/+(.+)$/.exec(String(request.headers[actorHeader] ?? ''));
  if (actor?.[1] === undefined) return { status: 400, message: 'Invalid header value for x-ms-edge-moduleId' };
  if (actor[1] !== deviceId) {
    return { status: 401, message: 'Only modules on the same device can invoke DirectMethods' };
  }
  const identity = { deviceId: actor[1], moduleId: actor[2] };
  const problem = identityProblem(identity, request.headers.authorization);
  if (problem === undefined) return undefined;
  const clientId = clientIdOf(identity);
  warn('method call refused', { clientId, reason: problem });
  return { status: 401, message: `Unable to authenticate device with Id ${clientId}` };
}

async function send(reply: FastifyReply, status: number, body: string): Promise<FastifyReply> {
  return reply
    .code(status)
    .header('content-type', contentType)
    .header('content-length', Buffer.byteLength(body))
    .send(body);
}

function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
}

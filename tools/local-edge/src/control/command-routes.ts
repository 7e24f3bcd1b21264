import { ConfigError, RejectedError } from '@edgeveil/contracts';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { LocalEdge } from '../local-edge.ts';
import { isJsonObject, type JsonObject } from '../twins/json-object.ts';
import type {
  ControlCredentials,
  ControlMethodResult,
  ControlTwin,
  EdgeNames,
  EdgeStatus,
  SentResult,
} from './control-api.ts';
import { deployedModules, edgeNames, edgeStatus } from './edge-status.ts';
import { endpointName } from './message-json.ts';

const moduleName = z.string().regex(/^[a-zA-Z0-9_$-]+$/, 'no module name');
const moduleParams = z.object({ module: moduleName });
const texts = z.record(z.string(), z.string());
const sentMessage = z
  .object({
    module: moduleName,
    input: z.string().min(1).optional(),
    output: z.string().min(1).optional(),
    bodyBase64: z.base64(),
    properties: texts,
    systemProperties: texts,
  })
  .refine(({ input, output }) => (input === undefined) !== (output === undefined), 'either an input or an output');
const methodCall = z.object({
  methodName: z.string(),
  payload: z.unknown().optional(),
  connectTimeoutSecs: z.number().optional(),
  responseTimeoutSecs: z.number().optional(),
});
const deployment = z.object({
  manifest: z.record(z.string(), z.unknown()),
  layers: z.array(z.record(z.string(), z.unknown())).optional(),
});

/** What is asked once and answered once. */
export function addCommandRoutes(
  server: FastifyInstance,
  edge: LocalEdge,
  { stateDir, startedAt }: { readonly stateDir: string; readonly startedAt: Date },
): void {
  server.get('/status', async (): Promise<EdgeStatus> => edgeStatus(edge, stateDir, startedAt));
  server.get('/names', async (): Promise<EdgeNames> => edgeNames(edge));

  server.get('/twins/:module', async ({ params }): Promise<ControlTwin> => edge.twin.get(knownTwin(edge, params)));
  server.patch('/twins/:module', async ({ params, body }) => ({
    version: edge.twin.patchDesired(knownTwin(edge, params), objectOf(body)),
  }));
  server.put('/twins/:module', async ({ params, body }) => ({
    version: edge.twin.replaceDesired(knownTwin(edge, params), objectOf(body)),
  }));

  server.post('/methods/:module', async ({ params, body }): Promise<ControlMethodResult> => {
    const { module } = moduleParams.parse(params);
    return edge.invokeMethod(module, methodCall.parse(body));
  });

  server.post('/messages', async ({ body }): Promise<SentResult> => {
    const { module, input, output, bodyBase64, properties, systemProperties } = sentMessage.parse(body);
    const message = { body: Buffer.from(bodyBase64, 'base64'), properties, systemProperties };
    if (input !== undefined) {
      await edge.sendToInput(module, input, message);
      return { to: [{ endpoint: `${module}/${input}`, routes: [] }] };
    }
    const results = await edge.sendAs(module, output, message);
    return { to: results.map(({ endpoint, routes }) => ({ endpoint: endpointName(endpoint), routes })) };
  });

  server.post('/offline', async ({ body }) => {
    edge.setOffline(z.object({ isOffline: z.boolean() }).parse(body).isOffline);
    return { isOffline: edge.offline };
  });

  server.post('/modules/:module/restart', async ({ params }, reply) => {
    await edge.restartModule(moduleParams.parse(params).module);
    return reply.code(204).send();
  });

  server.get('/credentials/:module', async ({ params }): Promise<ControlCredentials> => {
    const { module } = moduleParams.parse(params);
    const isRunning = edge.modules().some((status) => status.module === module && status.pid !== undefined);
    return { ...edge.credentials(module), isInDeployment: deployedModules(edge).includes(module), isRunning };
  });

  server.put('/deployment', async ({ body }, reply) => {
    const { manifest, layers } = deployment.parse(body);
    await edge.applyDeployment(manifest, layers);
    return reply.code(204).send();
  });
}

/** A twin can be made for any name, so that a mistyped one would be given an empty one in silence. */
function knownTwin(edge: LocalEdge, params: unknown): string {
  const { module } = moduleParams.parse(params);
  const known = ['$edgeAgent', '$edgeHub', ...deployedModules(edge)];
  if (known.includes(module) || Object.keys(edge.twin.get(module).reported).length > 1) return module;
  throw new ConfigError('EDGE_MODULE_UNKNOWN', `no module '${module}'; there are ${known.join(', ')}`);
}

function objectOf(body: unknown): JsonObject {
  if (isJsonObject(body)) return body;
  throw new RejectedError('EDGE_CONTROL_REQUEST_INVALID', 'desired properties are a JSON object');
}

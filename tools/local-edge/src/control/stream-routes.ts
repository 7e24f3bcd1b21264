import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { LocalEdge } from '../local-edge.ts';
import { LineStream } from './line-stream.ts';
import { streamLogs } from './log-stream.ts';
import { monitorMessages } from './monitor.ts';

export interface StreamSetup {
  readonly stateDir: string;
  /** What is open, to be ended with the server. */
  readonly streams: Set<LineStream>;
  readonly onStop: () => void;
}

// A query parameter may come once or several times.
const names = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => [value].flat())
  .optional();
const logQuery = z.object({
  module: names,
  tail: z.coerce.number().int().min(0).optional(),
  since: z.string().optional(),
  until: z.string().optional(),
  follow: z.stringbool().optional(),
});
const monitorQuery = z.object({ route: names, module: names, condition: z.string().optional() });

/** What is asked once and answered line by line for as long as both sides like. */
export function addStreamRoutes(
  server: FastifyInstance,
  edge: LocalEdge,
  { stateDir, streams, onStop }: StreamSetup,
): void {
  const send = (reply: FastifyReply, lines: LineStream) => {
    streams.add(lines);
    lines.readable.once('close', () => streams.delete(lines));
    return reply.type('application/x-ndjson').send(lines.readable);
  };

  server.get('/monitor', async ({ query }, reply) => {
    const { route, module, condition } = monitorQuery.parse(query);
    return send(reply, monitorMessages(edge, { routes: route, modules: module, condition }));
  });

  server.get('/logs', async ({ query }, reply) => {
    const { module, tail, since, until, follow } = logQuery.parse(query);
    return send(reply, await streamLogs(edge, stateDir, { modules: module, tail, since, until, isFollowing: follow }));
  });

  // The answer ends with the server, which is the last thing to go: so the caller knows when the edge has stopped.
  server.post('/stop', async (_request, reply) => {
    const lines = new LineStream();
    lines.write({ stopping: true });
    setImmediate(onStop);
    return send(reply, lines);
  });
}

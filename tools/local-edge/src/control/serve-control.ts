import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { RejectedError } from '@edgeveil/contracts';
import fastify, { type FastifyInstance } from 'fastify';
import type { LocalEdge } from '../local-edge.ts';
import { addCommandRoutes } from './command-routes.ts';
import { toControlError } from './control-errors.ts';
import { createControlSocket } from './control-socket.ts';
import type { LineStream } from './line-stream.ts';
import { addStreamRoutes } from './stream-routes.ts';

export interface ControlOptions {
  readonly edge: LocalEdge;
  /** Locked by the caller. */
  readonly stateDir: string;
  /** Somebody wants the edge to stop. Whether it worked is seen by the socket's end. */
  readonly onStop: () => void;
}

export interface Control {
  /** Ends all streams, then the server; the socket and its file are gone afterwards. */
  close(): Promise<void>;
}

// A manifest with its layers, or the largest message as base64.
const maxBodyBytes = 8_388_608;

// For readers of streams to take what is left.
const streamEndMs = 500;

/** Lets other processes of this user see and steer a running edge: HTTP with JSON over a unix socket in the state folder. */
export async function serveControl({ edge, stateDir, onStop }: ControlOptions): Promise<Control> {
  const startedAt = new Date();
  const streams = new Set<LineStream>();
  const server = createServer();
  addCommandRoutes(server, edge, { stateDir, startedAt });
  addStreamRoutes(server, edge, { stateDir, streams, onStop });
  const socket = await createControlSocket(stateDir);
  try {
    await server.listen({ path: socket.path });
    await socket.announce(startedAt);
  } catch (error) {
    await server.close();
    await socket.remove();
    throw error;
  }
  return {
    close: async () => {
      for (const stream of streams) stream.end();
      await Promise.race([streamsEnded(streams), delay(streamEndMs)]);
      // What is still under way, such as a call of a method, is cut off: the edge is gone.
      await server.close();
      await socket.remove();
    },
  };
}

async function streamsEnded(streams: ReadonlySet<LineStream>): Promise<void> {
  const open = [...streams].filter(({ readable }) => !readable.closed);
  await Promise.all(open.map(({ readable }) => once(readable, 'close')));
}

function createServer(): FastifyInstance {
  const server = fastify({ bodyLimit: maxBodyBytes, forceCloseConnections: true, requestTimeout: 30_000 });
  server.setErrorHandler(async (error: unknown, _request, reply) => {
    const { status, body } = toControlError(error);
    return reply.code(status).send(body);
  });
  server.setNotFoundHandler(async ({ method, url }) => {
    throw new RejectedError('EDGE_CONTROL_REQUEST_INVALID', `there is no ${method} ${url}`);
  });
  return server;
}

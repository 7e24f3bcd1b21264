import { ConfigError } from '@edgeveil/contracts';
import Fastify from 'fastify';
import type { Health } from './health.ts';
import type { PrometheusMetrics } from './prometheus-metrics.ts';

export interface HealthServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly health: Health;
  readonly metrics: PrometheusMetrics;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `/metrics`, `/healthz` and `/readyz` (200, or 503 with the reasons as JSON).
 * @throws ConfigError `HTTP_LISTEN_FAILED` when the address cannot be taken.
 */
export async function openHealthServer({ host, port, health, metrics }: HealthServerOptions): Promise<HealthServer> {
  const server = Fastify({ logger: false, forceCloseConnections: true });
  server.get('/metrics', async (_request, reply) => {
    await reply.type(metrics.contentType).send(await metrics.text());
  });
  for (const [path, check] of [
    ['/healthz', () => health.liveness()],
    ['/readyz', () => health.readiness()],
  ] as const) {
    server.get(path, async (_request, reply) => {
      const { isOk, reasons } = check();
      await reply.code(isOk ? 200 : 503).send({ status: isOk ? 'ok' : 'failing', reasons });
    });
  }
  try {
    await server.listen({ host, port });
  } catch (error) {
    await server.close();
    throw new ConfigError(
      'HTTP_LISTEN_FAILED',
      `cannot listen on ${host}:${port} (EDGEVEIL_HTTP_HOST, EDGEVEIL_HTTP_PORT)`,
      {
        cause: error,
        details: { host, port },
      },
    );
  }
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: async () => {
      await server.close();
    },
  };
}

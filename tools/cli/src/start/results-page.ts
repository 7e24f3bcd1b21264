import { readFile } from 'node:fs/promises';
import fastify from 'fastify';
import type { BlobReader, LatestUploads } from './latest-uploads.ts';

export interface ResultsPage {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves, on this machine only, a page with the redacted pictures that the storage account holds. */
export async function serveResultsPage(latest: LatestUploads, container: BlobReader): Promise<ResultsPage> {
  const html = await readFile(new URL('./results-page.html', import.meta.url), 'utf8');
  const server = fastify({ forceCloseConnections: true });

  server.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(html));
  server.get('/api/latest', () => latest.snapshot());
  server.get<{ Params: { '*': string } }>('/blobs/*', async (request, reply) => {
    const name = request.params['*'];
    const content = await container.download(name);
    return reply.type(name.endsWith('.json') ? 'application/json' : 'image/jpeg').send(content);
  });

  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return { url, close: () => server.close() };
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves blobs with ranges, as Blob storage does, and misbehaves when told to. */
export class ModelServer {
  readonly blobs = new Map<string, Uint8Array>();
  /** Requests as they came: path with query, and range. */
  readonly requests: { readonly url: string; readonly range: string | undefined }[] = [];
  /** Bytes after which the connection is broken off, once for each entry. */
  readonly breaks: number[] = [];
  /** Answered in place of a blob, once for each entry. */
  readonly statuses: number[] = [];
  /** Nothing is answered before this has resolved. */
  gate: Promise<void> = Promise.resolve();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.gate.then(() => this.#answer(request, response)));
  }

  static async open(): Promise<ModelServer> {
    const server = new ModelServer();
    const { promise, resolve } = Promise.withResolvers<void>();
    server.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    return server;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '';
    const { range } = request.headers;
    this.requests.push({ url, range });
    const status = this.statuses.shift();
    const blob = this.blobs.get(url.split('?')[0] ?? '');
    if (status !== undefined || blob === undefined) {
      response.writeHead(status ?? 404).end('<Error/>');
      return;
    }
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    if (start >= blob.length) {
      response.writeHead(416).end();
      return;
    }
    const rest = blob.subarray(start);
    response.writeHead(range === undefined ? 200 : 206, { 'content-length': rest.length });
    const end = this.breaks.shift();
    if (end === undefined) {
      response.end(rest);
    } else {
      response.write(rest.subarray(0, end), () => response.destroy());
    }
  }
}

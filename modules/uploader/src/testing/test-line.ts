import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** How a line treats what goes through it. */
export type Fault =
  | { readonly kind: 'none' }
  /** Bytes on their way to the server are changed. */
  | { readonly kind: 'corrupt-requests'; readonly from: string; readonly to: string }
  /** Bytes on their way back are changed. */
  | { readonly kind: 'corrupt-answers'; readonly from: string; readonly to: string }
  /** The connection is destroyed once so many bytes of it have gone through. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Requests in whose text this occurs are answered with a status and an error code of the service. */
  | { readonly kind: 'refuse'; readonly requestsWith: string; readonly status: number; readonly errorCode: string }
  /** Everything is swallowed. */
  | { readonly kind: 'silent' };

/** A real line that misbehaves: a TCP proxy in front of the storage account. */
export class TestLine {
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  fault: Fault = { kind: 'none' };
  /** Request lines that came through, such as `PUT /devstoreaccount1/evidence?restype=container`. */
  readonly requests: string[] = [];

  private constructor(target: number, server: Server) {
    this.#target = target;
    this.#server = server;
  }

  static async start(target: number, port = 0): Promise<TestLine> {
    const server = createServer();
    const line = new TestLine(target, server);
    server.on('connection', (socket) => line.#serve(socket));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return line;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection and lets none in: the port is free, connecting is refused. */
  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  #serve(client: Socket): void {
    const upstream = connect(this.#target, '127.0.0.1');
    let passed = 0;
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      const { fault } = this;
      const text = chunk.toString('latin1');
      for (const [request] of text.matchAll(/^(?:GET|HEAD|PUT) \S+/gm)) this.requests.push(request);
      passed += chunk.length;
      if (fault.kind === 'silent') return;
      if (fault.kind === 'cut' && passed > fault.afterBytes) client.destroy();
      else if (fault.kind === 'refuse' && text.includes(fault.requestsWith)) client.end(answerOf(fault));
      else upstream.write(fault.kind === 'corrupt-requests' ? replaced(text, fault) : chunk);
    });
    upstream.on('data', (chunk) => {
      const { fault } = this;
      client.write(fault.kind === 'corrupt-answers' ? replaced(chunk.toString('latin1'), fault) : chunk);
    });
  }
}

function replaced(text: string, { from, to }: { readonly from: string; readonly to: string }): Buffer {
  return Buffer.from(text.replaceAll(from, to), 'latin1');
}

function answerOf({ status, errorCode }: { readonly status: number; readonly errorCode: string }): string {
  return `HTTP/1.1 ${status} No\r\nx-ms-error-code: ${errorCode}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`;
}

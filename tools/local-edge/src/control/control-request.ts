import { type IncomingMessage, request } from 'node:http';

export interface ControlRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** With its query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** Sends one request over a unix socket. @returns the answer, its body still to be read; rejects when nothing listens there */
export function sendRequest(
  socketPath: string,
  { method, path, body, signal }: ControlRequest,
): Promise<IncomingMessage> {
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const headers: Record<string, string | number> = { host: 'edge', connection: 'close' };
  if (payload !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = payload.length;
  }
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, path, headers, signal, agent: false }, resolve);
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

/** The whole body of an answer. */
export async function readBody(incoming: IncomingMessage): Promise<string> {
  incoming.setEncoding('utf8');
  let text = '';
  for await (const chunk of incoming) text += chunk;
  return text;
}

/** The lines of an answer's body as they come, parsed. Ends without an error when the other side goes away, or on the signal of the request. */
export async function* readLines(incoming: IncomingMessage): AsyncGenerator<unknown> {
  incoming.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of incoming) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield JSON.parse(line);
    }
  } catch (error) {
    // A killed edge cuts the answer short; that it is gone is all there is to say. What is no JSON is another matter.
    if (error instanceof SyntaxError) throw error;
  }
}

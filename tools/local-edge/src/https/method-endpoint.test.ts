import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TransientError } from '@edgeveil/contracts';
import { testData } from '../../../../test/test-data.ts';
import { MethodCalls } from '../hub/method-calls.ts';
import { CertificateAuthority } from '../pki/certificate-authority.ts';
import { type ServerCertificate, serverCertificate } from '../pki/server-certificate.ts';
import { listenHttps } from './listen-https.ts';
import { createMethodEndpoint, type MethodEndpointOptions } from './method-endpoint.ts';

interface Vectors {
  readonly request: { request: Record<string, unknown>; expected: 'ok' | { httpStatus: number } }[];
  readonly response: {
    methodStatus?: number;
    methodPayloadText?: string;
    edgeDeviceId?: string;
    'header x-ms-edge-moduleId'?: string;
    raised?: string;
    httpStatus: number;
    body?: string;
    contentLength?: number;
  }[];
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

const call = { methodName: 'go', payload: null, responseTimeoutInSeconds: 5 };

describe('method endpoint', () => {
  let dir: string;
  let ca: string;
  let pem: ServerCertificate;
  let methods: MethodCalls;
  let warnings: string[];
  let port = 0;
  let server: ReturnType<typeof createMethodEndpoint> | undefined;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    const authority = await CertificateAuthority.open(dir);
    ca = authority.pem;
    pem = await serverCertificate(dir, authority, { address: '127.0.0.1', dnsNames: ['localhost'] });
  });

  after(() => rm(dir, { recursive: true, force: true }));

  beforeEach(async () => {
    methods = new MethodCalls();
    warnings = [];
    await start({});
  });

  afterEach(() => server?.close());

  function optionsOf(changes: Partial<MethodEndpointOptions>): MethodEndpointOptions {
    return {
      deviceId: 'edge',
      methods,
      identityProblem: (_identity, token) => (token === 'good' ? undefined : 'bad token'),
      pem,
      warn: (message, details) => warnings.push(`${message} ${JSON.stringify(details)}`),
      ...changes,
    };
  }

  async function start(changes: Partial<MethodEndpointOptions>): Promise<void> {
    await server?.close();
    server = createMethodEndpoint(optionsOf(changes));
    await server.listen({ host: '127.0.0.1', port: 0 });
    port = (server.server.address() as AddressInfo).port;
  }

  function post(path: string, body: unknown, headers: Record<string, string> = {}, method = 'POST'): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const all = {
        'content-type': 'application/json; charset=utf-8',
        authorization: 'good',
        'x-ms-edge-moduleId': 'edge/a',
        ...headers,
      };
      const options = { host: '127.0.0.1', port, path, method, ca, headers: all, agent: false };
      const call = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const { statusCode = 0, headers } = response;
          resolve({ status: statusCode, headers, body: Buffer.concat(chunks).toString() });
        });
      });
      call.on('error', reject);
      call.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  function answerWith(clientId: string, status: string, body: string): void {
    methods.setTarget(clientId, {
      send: (topic) => methods.respond(clientId, topic.slice(topic.indexOf('$rid=') + 5), status, Buffer.from(body)),
    });
  }

  it('takes and refuses requests as in edgeHub’s own test cases', async function () {
    const { request: cases }: Vectors = JSON.parse(readFileSync(testData(this, 'vectors/methods-http.json'), 'utf8'));
    assert.equal(cases.length, 6);
    answerWith('edge/b', '200', '');
    for (const { request, expected } of cases) {
      // The one payload that is described in words.
      const payload = typeof request.payload === 'string' ? nested(1000) : request.payload;
      const { status, body } = await post('/twins/edge/modules/b/methods', { ...request, payload });
      assert.equal(status, expected === 'ok' ? 200 : expected.httpStatus, body);
    }
  });

  it('answers as in edgeHub’s own test cases', async function () {
    const { response: cases }: Vectors = JSON.parse(readFileSync(testData(this, 'vectors/methods-http.json'), 'utf8'));
    assert.equal(cases.length, 5);
    for (const vector of cases) {
      const { methodStatus, methodPayloadText = '', edgeDeviceId: deviceId = 'edge', raised } = vector;
      if (methodStatus !== undefined) answerWith('edge/b', String(methodStatus), methodPayloadText);
      const failing = {
        validate: () => undefined,
        invokeRaw: () =>
          Promise.reject(
            new TransientError('EDGE_METHOD_TIMEOUT', 'EdgeHub timed out', { details: { httpStatus: 504 } }),
          ),
      };
      await start({ deviceId, ...(raised === undefined ? {} : { methods: failing }) });
      const actor = vector['header x-ms-edge-moduleId'] ?? 'edge/a';
      const reply = await post('/twins/edge/modules/b/methods', call, { 'x-ms-edge-moduleId': actor });
      assert.equal(reply.status, vector.httpStatus);
      assert.equal(reply.headers['content-type'], 'application/json; charset=utf-8');
      assert.equal(Number(reply.headers['content-length']), Buffer.byteLength(reply.body));
      if (vector.body !== undefined) assert.equal(reply.body, vector.body);
      if (vector.contentLength !== undefined)
        assert.equal(Number(reply.headers['content-length']), vector.contentLength);
    }
  });

  it('calls devices as well as modules, with names that have to be encoded', async () => {
    answerWith('leaf 1', '201', '"device"');
    answerWith('edge/$m(1)', '202', '"module"');
    assert.equal((await post('/twins/leaf%201/methods', call)).body, '{"status":201,"payload":"device"}');
    const module = await post('/twins/edge/modules/%24m%281%29/methods', call);
    assert.equal(module.body, '{"status":202,"payload":"module"}');
  });

  it('makes a string of an answer that is no JSON', async () => {
    answerWith('edge/b', '200', 'plain "text"');
    const { body } = await post('/twins/edge/modules/b/methods', call);
    assert.deepEqual(JSON.parse(body), { status: 200, payload: 'plain "text"' });
  });

  it('says 400, 401 and 404 in edgeHub’s words', async () => {
    const path = '/twins/edge/modules/b/methods';
    const message = async (reply: Promise<Reply>): Promise<[number, string]> => {
      const { status, body } = await reply;
      return [status, JSON.parse(body).message];
    };
    const header = 'Invalid header value for x-ms-edge-moduleId';
    for (const actor of ['', 'edge', 'edge/', '/']) {
      assert.deepEqual(await message(post(path, call, { 'x-ms-edge-moduleId': actor })), [400, header]);
    }
    assert.deepEqual(await message(post(path, call, { 'x-ms-edge-moduleId': 'other/a' })), [
      401,
      'Only modules on the same device can invoke DirectMethods',
    ]);
    assert.deepEqual(await message(post(path, call, { authorization: 'bad' })), [
      401,
      'Unable to authenticate device with Id edge/a',
    ]);
    assert.match(warnings.join(), /method call refused .*bad token/);
    assert.deepEqual(await message(post(path, call)), [404, 'Client edge/b not found']);
    for (const body of [
      '{',
      '[]',
      'null',
      { payload: null },
      { methodName: 'go' },
      { methodName: 'go', payload: 1, responseTimeoutInSeconds: 'x' },
      { methodName: 'go', payload: 1, connectTimeoutInSeconds: 0.5 },
    ]) {
      assert.equal((await post(path, body)).status, 400, JSON.stringify(body));
    }
    assert.equal((await post(path, call, { 'content-type': 'text/plain' })).status, 415);
    assert.equal((await post('/twins/edge/modules/b', call)).status, 404);
    assert.equal((await post(path, '', {}, 'GET')).status, 404);
  });

  it('waits for a module that connects within the connect timeout', async () => {
    const reply = post('/twins/edge/modules/late/methods', { ...call, connectTimeoutInSeconds: 300 });
    await post('/twins/edge/modules/b/methods', call);
    answerWith('edge/late', '200', '1');
    assert.equal((await reply).body, '{"status":200,"payload":1}');
  });

  it('lives on when it is sent garbage, in the clear or through TLS, and keeps none of it', async () => {
    const collect = (globalThis as { gc?: () => void }).gc;
    const before = process.memoryUsage().rss;
    for (let n = 0; n < 100; n += 1) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume();
      socket.end(Buffer.alloc(50_000, n));
      await new Promise((resolve) => socket.once('close', resolve));
    }
    const { connect: connectTls } = await import('node:tls');
    for (const bytes of ['\0\0\0', 'POST /twins HTTP/1.1\r\nContent-Length: x\r\n\r\n', 'GET '.repeat(100_000)]) {
      const socket = connectTls({ host: '127.0.0.1', port, ca });
      socket.on('error', () => undefined);
      socket.resume();
      socket.end(bytes);
      await new Promise((resolve) => socket.once('close', resolve));
    }
    collect?.();
    assert.ok(process.memoryUsage().rss - before < 100_000_000);
    answerWith('edge/b', '200', '');
    assert.equal((await post('/twins/edge/modules/b/methods', call)).status, 200);
  });

  it('is done without where the port is taken, and says so', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port: takenPort } = taken.address() as AddressInfo;
    try {
      const listener = await listenHttps({ ...optionsOf({}), address: '127.0.0.1', port: takenPort });
      assert.equal(listener, undefined);
      assert.match(warnings.join(), /modules cannot call methods of other modules .*in use/);
    } finally {
      taken.close();
    }
  });
});

function nested(depth: number): unknown {
  let value: unknown = null;
  for (let n = 0; n < depth; n += 1) value = { prop1: '1'.repeat(100), prop2: '2'.repeat(100), obj: value };
  return value;
}

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import type { FastifyInstance } from 'fastify';
import { hmac } from './sas-token.ts';
import { createSocketFolder } from './socket-folder.ts';
import { listenWorkload } from './workload-server.ts';

const key = Buffer.from('secret').toString('base64');
const options = { moduleId: 'm!', generationId: '1', key, trustBundle: 'PEM' };

describe('workload API', () => {
  let dir: string;
  let path: string;
  let server: FastifyInstance | undefined;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    path = join(dir, 'm.sock');
    server = await listenWorkload(path, options);
  });

  afterEach(async () => {
    await server?.close();
    await rm(dir, { recursive: true, force: true });
  });

  function call(method: string, url: string, body?: string): Promise<{ status: number; type: string; body: unknown }> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json; charset=utf-8' };
      const call = request({ socketPath: path, method, path: url, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            body: JSON.parse(Buffer.concat(chunks).toString()),
          }),
        );
      });
      call.on('error', reject);
      call.end(body);
    });
  }

  const sign = (module: string, data: unknown) =>
    call(
      'POST',
      `/modules/${module}/genid/1/sign?api-version=2018-06-28`,
      JSON.stringify({ keyId: 'primary', algo: 'HMACSHA256', data }),
    );

  it('gives the trust bundle as JSON, by its content type too', async () => {
    const { status, type, body } = await call('GET', '/trust-bundle?api-version=2018-06-28');
    assert.equal(status, 200);
    assert.match(type, /application\/json/);
    assert.deepEqual(body, { certificate: 'PEM' });
  });

  it('signs with the module’s own key', async () => {
    const { status, body } = await sign('m%21', Buffer.from('text\n1').toString('base64'));
    assert.equal(status, 200);
    assert.deepEqual(body, { digest: hmac(key, 'text\n1') });
  });

  it('refuses another module, data that is no base64, no JSON, and what it does not know', async () => {
    assert.equal((await sign('other', 'YQ==')).status, 403);
    assert.equal((await sign('m%21', '***')).status, 400);
    assert.equal((await sign('m%21', 5)).status, 400);
    assert.equal((await call('POST', '/modules/m%21/genid/1/sign', '{')).status, 400);
    const unknown = await call('GET', '/nothing');
    assert.equal(unknown.status, 404);
    assert.deepEqual(unknown.body, { message: 'Not found' });
  });

  it('takes the place of a socket that a killed runtime left behind', async () => {
    await server?.close();
    await writeFile(path, '');
    server = await listenWorkload(path, options);
    assert.equal((await call('GET', '/trust-bundle')).status, 200);
  });

  it('refuses a path that is too long for a socket', async () => {
    await assert.rejects(
      listenWorkload(join(dir, 'x'.repeat(100)), options),
      (error) => error instanceof ConfigError && error.code === 'EDGE_SOCKET_PATH_TOO_LONG',
    );
  });
});

describe('createSocketFolder', () => {
  it('stays within the limit however long the state folder and the module names are', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    const folder = await createSocketFolder(join(dir, 'deep'.repeat(30)), tmpdir());
    try {
      const paths = ['a'.repeat(60), 'b'.repeat(60), 'short'].map((module) => folder.path(module));
      assert.equal(new Set(paths).size, 3);
      assert.equal(folder.path('a'.repeat(60)), paths[0]);
      for (const path of paths) assert.ok(Buffer.byteLength(path) <= 103, path);
    } finally {
      await folder.remove();
      await rm(dir, { recursive: true, force: true });
    }
  });
});

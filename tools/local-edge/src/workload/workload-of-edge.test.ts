import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalEdge } from '../local-edge.ts';
import { startLocalEdge } from '../start-local-edge.ts';
import { manifestOf } from '../testing/manifest.ts';

describe('workload API of a running edge', () => {
  let dir: string;
  let edge: LocalEdge;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    const settings = { image: 'local/a:1', createOptions: '{}' };
    edge = await startLocalEdge({
      manifest: manifestOf({ modules: { a: { settings }, b: {} } }),
      stateDir: join(dir, 'state'),
      only: [],
    });
  });

  after(async () => {
    await edge?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const socketOf = (module: string) => (edge.environment(module).IOTEDGE_WORKLOADURI ?? '').slice('unix://'.length);

  function call(
    module: string,
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: unknown }> {
    return new Promise((resolve, reject) => {
      const url = `${path}?api-version=2022-08-03`;
      const call = request({ socketPath: socketOf(module), method, path: url }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) });
        });
      });
      call.on('error', reject);
      call.end(body && JSON.stringify(body));
    });
  }

  it('is on a socket of each module’s own, over which no other module is served', async () => {
    const data = { data: Buffer.from('x').toString('base64') };
    assert.notEqual(socketOf('a'), socketOf('b'));
    for (const [caller, named, status] of [
      ['a', 'a', 200],
      ['b', 'b', 200],
      ['a', 'b', 403],
      ['b', '$edgeAgent', 403],
    ] as const) {
      const path = `/modules/${encodeURIComponent(named)}/genid/1/sign`;
      assert.equal((await call(caller, 'POST', path, data)).status, status, `${caller} for ${named}`);
    }
  });

  it('lists the modules of the deployment', async () => {
    const { body } = await call('a', 'GET', '/modules');
    const { modules } = body as { modules: { name: string; config: { settings: object } }[] };
    assert.deepEqual(modules.map(({ name }) => name).sort(), ['a', 'b']);
    assert.deepEqual(modules.find(({ name }) => name === 'a')?.config.settings, {
      image: 'local/a:1',
      createOptions: '{}',
    });
  });

  it('holds on to nothing of what comes as garbage', async () => {
    const before = process.memoryUsage().rss;
    for (let n = 0; n < 200; n += 1) {
      const socket = connect(socketOf('a'));
      socket.on('error', () => undefined);
      socket.resume();
      if (n % 2 === 0)
        socket.write('POST /modules/a/genid/1/sign HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n');
      socket.end(Buffer.alloc(500_000, n));
      await new Promise((resolve) => socket.once('close', resolve));
    }
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < 150_000_000, `${grown} bytes more`);
    assert.equal((await call('a', 'GET', '/trust-bundle')).status, 200);
  });
});

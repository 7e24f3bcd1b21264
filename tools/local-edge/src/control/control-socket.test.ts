import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { EdgeveilError } from '@edgeveil/contracts';
import type { LocalEdge } from '../local-edge.ts';
import type { LocalEdgeOptions } from '../options.ts';
import { startLocalEdge } from '../start-local-edge.ts';
import { manifestOf } from '../testing/manifest.ts';
import { readControlFile } from './control-file.ts';
import { EdgeControl } from './edge-control.ts';

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Error && (error as EdgeveilError).code === code;
}

const manifest = manifestOf({ modules: { a: {} }, routes: { up: 'FROM /* INTO $upstream' } });

describe('the control socket', () => {
  let dir: string;
  const edges: LocalEdge[] = [];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'control-socket-'));
  });

  afterEach(async () => {
    for (const edge of edges.splice(0)) await edge.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function start(stateDir: string, options: Partial<LocalEdgeOptions> = {}): Promise<LocalEdge> {
    const edge = await startLocalEdge({ manifest, stateDir, only: [], control: true, ...options });
    edges.push(edge);
    return edge;
  }

  /** An edge in a process of its own. */
  async function spawnEdge(stateDir: string) {
    const main = join(import.meta.dirname, '..', 'testing', 'edge', 'main.ts');
    const options = JSON.stringify({ manifest, stateDir, only: [], control: true });
    const child = spawn(process.execPath, [main, options], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(createInterface({ input: child.stdout }), 'line');
    return child;
  }

  async function raw(stateDir: string, bytes: string | Buffer): Promise<string> {
    const socket = connect(readControlFile(stateDir)?.socket ?? '');
    socket.on('error', () => undefined);
    socket.end(bytes);
    return text(socket).catch(() => '');
  }

  it('lets nobody but its user in, and is gone after the edge', async () => {
    const edge = await start(dir);
    const socket = readControlFile(dir)?.socket ?? '';
    assert.equal((await stat(socket)).mode & 0o777, 0o600);
    await edge.stop();
    assert.equal(existsSync(socket), false);
    assert.equal(readControlFile(dir), undefined);
  });

  it('is not there unless asked for', async () => {
    await start(dir, { control: false });
    await assert.rejects(new EdgeControl([dir]).status(), hasCode('EDGE_NOT_RUNNING'));
  });

  it('lies in the temporary folder where the state folder’s path is too long', async () => {
    const long = join(dir, 'x'.repeat(60), 'y'.repeat(60));
    const edge = await start(long);
    const socket = readControlFile(long)?.socket ?? '';
    assert.ok(!socket.startsWith(long));
    assert.equal((await new EdgeControl([long]).status()).stateDir, long);
    await edge.stop();
    assert.equal(existsSync(join(socket, '..')), false);
  });

  it('stands garbage, and connections that break off', async () => {
    const edge = await start(dir);
    await raw(dir, Buffer.from(Array.from({ length: 4096 }, (_, n) => (n * 7919) & 0xff)));
    // Whether the refusal comes through depends on what the server has read by then.
    assert.match(await raw(dir, `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`), /^(HTTP\/1.1 4\d\d |$)/);
    const post = (body: string) =>
      raw(
        dir,
        `POST /messages HTTP/1.1\r\nhost: edge\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    assert.match(await post('{"module":'), /^HTTP\/1.1 400 .*EDGE_CONTROL_REQUEST_INVALID/s);
    assert.match(await post('[]'), /^HTTP\/1.1 400 .*EDGE_CONTROL_REQUEST_INVALID/s);
    assert.match(
      await post('{"module":"a","bodyBase64":"","properties":{},"systemProperties":{}}'),
      /either an input or an output/,
    );
    await raw(dir, 'POST /messages HTTP/1.1\r\ncontent-length: 1000000\r\n\r\n{');
    const monitor = connect(readControlFile(dir)?.socket ?? '');
    monitor.write('GET /monitor HTTP/1.1\r\nhost: edge\r\n\r\n');
    await once(monitor, 'data');
    monitor.destroy();
    await edge.sendAs('a', 'o', { body: 'still there' });
    assert.equal((await new EdgeControl([dir]).status()).upstream.total, 1);
  });

  it('tells a killed edge from a running one, and the next start takes over', async () => {
    const child = await spawnEdge(dir);
    const control = new EdgeControl([dir]);
    assert.equal((await control.status()).pid, child.pid);
    const messages = await control.monitor({});
    child.kill('SIGKILL');
    await once(child, 'exit');
    for await (const _message of messages) assert.fail('nothing was sent');
    assert.ok(existsSync(join(dir, 'control.json')), 'the killed edge has left its file');
    await assert.rejects(control.status(), (error: EdgeveilError) => {
      assert.equal(error.code, 'EDGE_NOT_RUNNING');
      assert.ok(error.message.includes(dir));
      return true;
    });
    await start(dir);
    assert.equal((await control.status()).pid, process.pid);
  });

  it('takes the first of several folders in which an edge runs', async () => {
    const [dead, torn, alive] = ['dead', 'torn', 'alive'].map((name) => join(dir, name));
    assert.ok(dead && torn && alive);
    await mkdir(dead);
    await mkdir(torn);
    await writeFile(join(dead, 'control.json'), '{"pid":1,"startedAt":"2026-01-01T00:00:00Z","socket":"control.sock"}');
    await writeFile(join(torn, 'control.json'), '{"pid":1,"start');
    await start(alive);
    assert.equal((await new EdgeControl([dead, torn, alive]).status()).stateDir, alive);
    await assert.rejects(new EdgeControl([dead, torn]).status(), hasCode('EDGE_NOT_RUNNING'));
  });

  it('serves edges side by side, each its own', async () => {
    const [one, two] = [join(dir, 'one'), join(dir, 'two')];
    await start(one);
    await start(two);
    await new EdgeControl([one]).setOffline(true);
    assert.equal((await new EdgeControl([one]).status()).isOffline, true);
    assert.equal((await new EdgeControl([two]).status()).isOffline, false);
    assert.notEqual((await new EdgeControl([one]).status()).address, (await new EdgeControl([two]).status()).address);
  });

  it('stops the edge, after which its folder is free', async () => {
    const child = await spawnEdge(dir);
    const exited = once(child, 'exit');
    await new EdgeControl([dir]).stop();
    assert.equal(existsSync(join(dir, 'runtime.lock')), false);
    await start(dir);
    assert.deepEqual(await exited, [0, null]);
  });

  it('leaves the stopping to whoever wants to do it', async () => {
    let asked = 0;
    const edge = await start(dir, {
      control: {
        onStop: () => {
          asked += 1;
          void edge.stop();
        },
      },
    });
    await new EdgeControl([dir]).stop();
    assert.equal(asked, 1);
    await assert.rejects(readFile(join(dir, 'runtime.lock')));
  });
});

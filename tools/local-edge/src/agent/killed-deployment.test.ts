import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startLocalEdge } from '../start-local-edge.ts';
import { openDatabase } from '../store/database.ts';
import { manifestOf } from '../testing/manifest.ts';
import { TwinStore } from '../twins/twin-store.ts';
import { processIdentity } from './process/process-identity.ts';

const main = fileURLToPath(new URL('../testing/deployments/main.ts', import.meta.url));
const kills = 12;

const idle = { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] };
// Every deployment has its number everywhere, so that a mixture of two shows.
const deployment = (n: number) =>
  manifestOf({
    modules: {
      always: { env: { N: { value: n } } },
      [n % 2 === 0 ? 'even' : 'odd']: { env: { N: { value: n } }, startupOrder: n % 3 },
    },
    routes: { [`r${n}`]: 'FROM /messages/* INTO $upstream' },
    twins: { always: { n }, even: { n }, odd: { n } },
  });

describe('a runtime that is killed while it deploys', function () {
  this.timeout(120_000);
  let dir: string;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
  });

  afterEach(async () => {
    child?.kill('SIGKILL');
    await rm(dir, { recursive: true, force: true });
  });

  it('leaves one deployment whole in its state, and no process that the next start does not end', async () => {
    const options = {
      stateDir: join(dir, 'state'),
      moduleOverrides: { always: idle, even: idle, odd: idle },
      environment: { PATH: process.env.PATH },
      timing: { reconcileIntervalMs: 20, stopGraceMs: 500 },
    };
    const manifests = Array.from({ length: 40 }, (_, n) => deployment(n));
    const seen = new Set<number>();
    for (let round = 0; round < kills; round += 1) {
      child = spawn(process.execPath, [main, JSON.stringify({ options, manifests })], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      assert.ok(child.stdout !== null);
      // Killed at another place each time: after so many deployments, and a moment into the next.
      const deployed = round % 4;
      for await (const line of createInterface({ input: child.stdout })) if (Number(line) >= deployed) break;
      await delay(round * 3);
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;

      const n = storedDeployment();
      seen.add(n);
      // A start with that very deployment changes no twin, and one with another takes it whole.
      const next = round % 2 === 0 ? n : n + 1;
      const left = await processesOf();
      const edge = await startLocalEdge({ ...options, manifest: deployment(next) });
      try {
        assert.deepEqual(
          edge
            .modules()
            .map(({ module }) => module)
            .sort(),
          ['always', next % 2 === 0 ? 'even' : 'odd'],
        );
        assert.ok(edge.modules().every(({ pid }) => pid !== undefined));
        assert.deepEqual(
          edge.routes.map(({ name }) => name),
          [`r${next}`],
        );
        for (const module of ['always', 'even', 'odd']) assert.equal(edge.twin.get(module).desired.n, next);
        for (const { pid, identity } of left) assert.notEqual(await processIdentity(pid), identity);
      } finally {
        await edge.stop();
      }
      await rm(join(dir, 'state', 'edge.db'), { force: true });
      await rm(join(dir, 'state', 'edge.db-wal'), { force: true });
      await rm(join(dir, 'state', 'edge.db-shm'), { force: true });
    }
    assert.ok(seen.size > 1, 'the kills came at different times');
  });

  /** The number of the deployment that is stored, which all twins must agree on. */
  function storedDeployment(): number {
    const database = openDatabase(join(dir, 'state', 'edge.db'));
    const store = new TwinStore(database);
    const numbers = ['always', 'even', 'odd'].map((module) => store.get(module).desired.n);
    const routes = Object.keys((store.get('$edgeHub').desired.routes as object | undefined) ?? {});
    const modules = store.get('$edgeAgent').desired.modules as Record<string, { env: { N: { value: number } } }>;
    database.close();
    const [n] = numbers;
    assert.deepEqual(numbers, [n, n, n]);
    assert.deepEqual(routes, [`r${n}`]);
    for (const module of Object.values(modules)) assert.equal(module.env.N.value, n);
    return Number(n);
  }

  async function processesOf(): Promise<{ pid: number; identity: string }[]> {
    const folder = join(dir, 'state', 'run');
    const files = await readdir(folder).catch(() => []);
    const records = files.filter((file) => file.endsWith('.json'));
    return Promise.all(
      records.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8').catch(() => '{"pid":0}'))),
    );
  }
});

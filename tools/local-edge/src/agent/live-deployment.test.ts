import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, type EdgeveilError } from '@edgeveil/contracts';
import type { LogLine } from '../events.ts';
import type { LocalEdge } from '../local-edge.ts';
import type { LocalEdgeOptions } from '../options.ts';
import { startLocalEdge } from '../start-local-edge.ts';
import { manifestOf } from '../testing/manifest.ts';
import type { JsonObject } from '../twins/json-object.ts';
import { processIdentity } from './process/process-identity.ts';

const program = `
  process.on('SIGTERM', () => { console.log('term'); process.exit(0); });
  setInterval(() => {}, 1000);
  console.log('ready ' + (process.env.N ?? ''));
`;
const quick = {
  reconcileIntervalMs: 20,
  restart: { maxRestartCount: 3, backOffUnitMs: 10, maxBackOffMs: 40 },
  stopGraceMs: 2000,
};
const up = 'FROM /messages/* INTO $upstream';

describe('a live deployment', () => {
  let dir: string;
  let edge: LocalEdge;
  let lines: LogLine[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    lines = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      const folder = join(dir, 'modules', name);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'module.json'), '{}');
      await writeFile(join(folder, 'package.json'), '{"main":"main.mjs"}');
      await writeFile(join(folder, 'main.mjs'), program);
    }
  });

  afterEach(async () => {
    await edge?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function start(manifest: string | object, options: Partial<LocalEdgeOptions> = {}): Promise<void> {
    edge = await startLocalEdge({
      manifest,
      stateDir: join(dir, 'state'),
      repoDir: dir,
      environment: { PATH: '/usr/bin:/bin' },
      onLog: (line) => lines.push(line),
      timing: quick,
      ...options,
    });
  }

  const env = (n: number) => ({ env: { N: { value: n } } });
  const texts = (module: string) => lines.filter((line) => line.module === module).map(({ text }) => text);
  const status = (module: string) => edge.modules().find((each) => each.module === module);
  const isReady = (module: string, n: number | string = '') => edge.waitFor(() => texts(module).includes(`ready ${n}`));
  const reported = () =>
    edge.reported('$edgeAgent') as JsonObject & {
      lastDesiredStatus: { code: number; description: string };
      lastDesiredVersion: number;
      modules: Record<string, JsonObject>;
    };

  it('starts what is new in order, ends what is gone, makes anew what differs and leaves the rest alone', async () => {
    await start(manifestOf({ modules: { a: {}, b: env(1), c: {} } }));
    await Promise.all([isReady('a'), isReady('b', 1), isReady('c')]);
    const [a, b, c] = ['a', 'b', 'c'].map((name) => status(name)?.pid ?? 0);

    await edge.applyDeployment(manifestOf({ modules: { a: {}, b: env(2), d: { startupOrder: 5 } } }));
    await Promise.all([isReady('b', 2), isReady('d')]);
    assert.equal(status('a')?.pid, a);
    assert.notEqual(status('b')?.pid, b);
    assert.equal(status('c'), undefined);
    assert.equal(await processIdentity(c ?? 0), undefined);
    assert.deepEqual(texts('c'), ['ready ', 'term']);
    assert.deepEqual(Object.keys(reported().modules), ['a', 'b', 'd']);
    assert.deepEqual(reported().lastDesiredStatus, { code: 200, description: '' });
    assert.equal(reported().lastDesiredVersion, edge.twin.get('$edgeAgent').desired.$version);
    // A module that has come has an identity, with which it can sign.
    assert.match(edge.environment('d').IOTEDGE_WORKLOADURI ?? '', /^unix:/);
  });

  it('starts and stops for a change of the status alone, without making the module anew', async () => {
    await start(manifestOf({ modules: { a: { restartPolicy: 'never' } } }));
    await isReady('a');
    edge.twin.patchDesired('$edgeAgent', { modules: { a: { status: 'stopped' } } });
    await edge.waitFor(() => status('a')?.runtimeStatus === 'stopped' && status('a')?.pid === undefined);
    assert.ok(texts('a').includes('term'));
    edge.twin.patchDesired('$edgeAgent', { modules: { a: { status: 'running' } } });
    await edge.waitFor(() => texts('a').filter((text) => text === 'ready ').length === 2);
    assert.equal(status('a')?.restartCount, 0);
    // Told once the deployment is through, which may be after the module's first line.
    await edge.waitFor(() => reported().modules.a?.status === 'running');
  });

  it('forgets the restarts of a module that it touches, and gives up no module for good', async () => {
    await writeFile(join(dir, 'modules', 'a', 'main.mjs'), `if (process.env.N !== '2') process.exit(3); ${program}`);
    await start(manifestOf({ modules: { a: env(1) } }));
    await edge.waitFor(() => status('a')?.runtimeStatus === 'failed' && status('a')?.restartCount === 3);
    edge.twin.patchDesired('$edgeAgent', { modules: { a: env(2) } });
    await isReady('a', 2);
    assert.equal(status('a')?.restartCount, 0);
  });

  it('adds and removes modules by patches of the twin, and routes with them', async () => {
    await start(manifestOf({ modules: { a: {} }, routes: { up } }));
    edge.twin.patchDesired('$edgeAgent', {
      modules: { b: { type: 'docker', restartPolicy: 'always', settings: { image: 'local/b:1' } } },
    });
    await isReady('b');
    edge.twin.patchDesired('$edgeHub', { routes: { up: null, two: up } });
    assert.deepEqual(
      edge.routes.map(({ name }) => name),
      ['two'],
    );
    edge.twin.patchDesired('$edgeAgent', { modules: { a: null } });
    await edge.waitFor(() => status('a') === undefined);
    assert.ok(texts('a').includes('term'));
  });

  it('refuses what is wrong, says so with edgeAgent’s code, and goes on as before', async () => {
    await start(manifestOf({ modules: { a: {} }, routes: { up } }));
    await isReady('a');
    const pid = status('a')?.pid;
    const wrong: [object, string, number][] = [
      [manifestOf({ modules: { a: {}, b: { restartPolicy: 'sometimes' } } }), 'EDGE_MANIFEST_INVALID', 400],
      [manifestOf({ modules: { a: {} }, routes: { up: 'FROM nowhere' } }), 'EDGE_ROUTE_INVALID', 400],
      [manifestOf({ modules: { a: {}, 'no-source': {} } }), 'EDGE_MODULE_COMMAND_UNKNOWN', 400],
      [
        { modulesContent: { $edgeAgent: { 'properties.desired': { schemaVersion: '2.0' } }, $edgeHub: {} } },
        'EDGE_MANIFEST_INVALID',
        412,
      ],
      [{ modulesContent: { $edgeAgent: { 'properties.desired': {} }, $edgeHub: {} } }, 'EDGE_MANIFEST_INVALID', 417],
    ];
    for (const [manifest, code, reportedCode] of wrong) {
      await assert.rejects(edge.applyDeployment(manifest), (error) => (error as EdgeveilError).code === code);
      assert.equal(reported().lastDesiredStatus.code, reportedCode);
      assert.notEqual(reported().lastDesiredStatus.description, '');
    }
    assert.equal(status('a')?.pid, pid);
    assert.deepEqual(edge.twin.get('$edgeAgent').desired.$version, 1);
    await edge.applyDeployment(manifestOf({ modules: { a: {} }, routes: { up } }));
    assert.equal(reported().lastDesiredStatus.code, 200);
    assert.equal(status('a')?.pid, pid);
  });

  it('reports a bad patch of the twin with its version, and starts after it with what it had before', async () => {
    const manifest = manifestOf({ modules: { a: {} } });
    await start(manifest);
    await isReady('a');
    edge.twin.patchDesired('$edgeAgent', { modules: { a: env(4) } });
    await isReady('a', 4);
    const version = edge.twin.patchDesired('$edgeAgent', { modules: { 'no-source': { type: 'docker' } } });
    await edge.waitFor(() => reported().lastDesiredVersion === version);
    assert.equal(reported().lastDesiredStatus.code, 400);
    assert.ok(status('a')?.pid !== undefined);
    await edge.stop();
    lines = [];
    await start(manifest);
    await isReady('a', 4);
    assert.equal(reported().lastDesiredStatus.code, 400);
    await edge.stop();
    await writeFile(join(dir, 'state', 'deployment.json'), '{');
    lines = [];
    await start(manifest);
    await isReady('a');
    assert.equal(reported().lastDesiredStatus.code, 400);
    assert.deepEqual(
      edge.modules().map(({ module }) => module),
      ['a'],
    );
    edge.twin.patchDesired('$edgeAgent', { modules: { 'no-source': null } });
    await edge.waitFor(() => reported().lastDesiredStatus.code === 200);
  });

  it('keeps good patches over a restart with the same manifest', async () => {
    const manifest = manifestOf({ modules: { a: {} } });
    await start(manifest);
    edge.twin.patchDesired('$edgeAgent', { modules: { a: env(7) } });
    await isReady('a', 7);
    await edge.stop();
    lines = [];
    await start(manifest);
    await isReady('a', 7);
  });

  it('takes layers, runs only what it was told to, and gives the others an identity', async () => {
    await start(manifestOf({ modules: { a: {}, b: {} } }), {
      only: ['a', 'c'],
      layers: [{ modulesContent: { a: { 'properties.desired.layer': 1 } } }],
    });
    assert.equal(edge.twin.get('a').desired.layer, 1);
    await edge.applyDeployment(manifestOf({ modules: { a: {}, b: {} } }), [
      {
        modulesContent: {
          $edgeAgent: {
            'properties.desired.modules.c': { type: 'docker', settings: { image: 'c' } },
            'properties.desired.modules.d': { type: 'docker', settings: { image: 'd' } },
          },
        },
      },
    ]);
    await isReady('c');
    assert.deepEqual(
      edge.modules().map(({ module }) => module),
      ['a', 'c'],
    );
    assert.ok(edge.environment('d').IOTEDGE_WORKLOADURI);
    assert.equal(edge.twin.get('a').desired.layer, 1, 'a twin that the deployment does not speak of stays');
  });

  it('does two at a time one after the other, and ends with the last', async () => {
    await start(manifestOf({ modules: { a: env(0) } }));
    await Promise.all([1, 2, 3].map((n) => edge.applyDeployment(manifestOf({ modules: { a: env(n), b: env(n) } }))));
    await Promise.all([isReady('a', 3), isReady('b', 3)]);
    assert.equal(edge.modules().length, 2);
    const [a, b] = [status('a')?.pid, status('b')?.pid];
    assert.ok(a !== undefined && b !== undefined);
  });

  it('follows the side file: a command for a module or an image, and another one later', async () => {
    const sideFile = join(dir, 'local-edge.json');
    const command = (n: number) => [
      process.execPath,
      '-e',
      `console.log('mapped ${n}', process.env.FROM, process.cwd()); setInterval(() => {}, 1000)`,
    ];
    const manifest = manifestOf({
      modules: { x: { settings: { image: 'registry:5000/foreign:1.2' } }, y: { settings: { image: 'other' } } },
    });
    await writeFile(join(dir, 'deployment.json'), JSON.stringify(manifest));
    const write = (n: number) =>
      writeFile(
        sideFile,
        JSON.stringify({
          modules: { y: { command: command(n), cwd: 'modules', env: { FROM: 'y' } } },
          images: { 'registry:5000/foreign': { command: command(n), env: { FROM: 5 } } },
        }),
      );
    await write(1);
    await start(join(dir, 'deployment.json'));
    await edge.waitFor(() => texts('x').includes(`mapped 1 5 ${dir}`));
    await edge.waitFor(() => texts('y').includes(`mapped 1 y ${join(dir, 'modules')}`));
    await write(2);
    await edge.applyDeployment(join(dir, 'deployment.json'));
    await edge.waitFor(() => texts('x').includes(`mapped 2 5 ${dir}`));
    for (const bad of ['{', '{"modules":{"y":{"cmd":["x"]}}}', '{"modules":{"y":{"command":"x"}}}']) {
      await writeFile(sideFile, bad);
      await assert.rejects(
        edge.applyDeployment(join(dir, 'deployment.json')),
        (error) =>
          error instanceof ConfigError && error.code === 'EDGE_COMMANDS_INVALID' && error.message.includes(sideFile),
      );
    }
  });

  it('ends, also in the middle of its start, when its signal is aborted', async () => {
    const stop = new AbortController();
    await start(manifestOf({ modules: { a: {} } }), { signal: stop.signal });
    await isReady('a');
    const pid = status('a')?.pid ?? 0;
    stop.abort();
    await edge.stop();
    assert.equal(await processIdentity(pid), undefined);

    const early = new AbortController();
    // Asked for the time when the first module is started.
    const clock = () => {
      early.abort(new Error('enough'));
      return Date.now();
    };
    const starting = start(manifestOf({ modules: { a: {}, b: { startupOrder: 1 } } }), {
      signal: early.signal,
      timing: { ...quick, clock },
    });
    await assert.rejects(starting, /enough/);
    await assert.rejects(
      start(manifestOf({ modules: {} }), { signal: AbortSignal.abort(new Error('never')) }),
      /never/,
    );
    await start(manifestOf({ modules: { a: {} } }));
  });

  it('forgets everything when it is to start afresh, but not what another edge uses or what is no state', async () => {
    const manifest = manifestOf({ modules: { a: {} } });
    await start(manifest);
    edge.twin.patchDesired('a', { left: true });
    await assert.rejects(
      startLocalEdge({ manifest, stateDir: join(dir, 'state'), only: [], fresh: true }),
      (error) => (error as EdgeveilError).code === 'EDGE_STATE_IN_USE',
    );
    await edge.stop();
    await start(manifest, { fresh: true });
    assert.equal(edge.twin.get('a').desired.left, undefined);
    await assert.rejects(
      startLocalEdge({ manifest, stateDir: join(dir, 'modules'), only: [], fresh: true }),
      (error) => (error as EdgeveilError).code === 'EDGE_STATE_UNUSABLE',
    );
    assert.ok(await processIdentity(process.pid));
  });
});

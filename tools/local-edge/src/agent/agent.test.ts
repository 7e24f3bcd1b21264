import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LogLine } from '../events.ts';
import type { LocalEdge } from '../local-edge.ts';
import type { LocalEdgeOptions } from '../options.ts';
import { startLocalEdge } from '../start-local-edge.ts';
import { manifestOf } from '../testing/manifest.ts';
import type { JsonObject } from '../twins/json-object.ts';
import { processIdentity } from './process/process-identity.ts';
import { ProcessRecord } from './process/process-record.ts';

// A module that needs no hub: it says what it was given and what it is told.
const talkative = `
  console.log('env ' + JSON.stringify(process.env));
  console.log('cwd ' + process.cwd());
  process.on('SIGTERM', () => { console.log('term'); process.exit(0); });
  setInterval(() => {}, 1000);
  console.log('ready');
`;
const stubborn = `process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000); console.log('ready');`;
const exiting = (code: number) => `console.log('ready'); process.exit(${code});`;

const edgeMain = fileURLToPath(new URL('../testing/edge/main.ts', import.meta.url));

const quick = {
  reconcileIntervalMs: 20,
  restart: { maxRestartCount: 3, backOffUnitMs: 10, maxBackOffMs: 40 },
  stopGraceMs: 300,
};

describe('agent', () => {
  let dir: string;
  let edge: LocalEdge | undefined;
  let lines: LogLine[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    lines = [];
  });

  afterEach(async () => {
    await edge?.stop();
    edge = undefined;
    await rm(dir, { recursive: true, force: true });
  });

  async function writeModule(folder: string, code: string): Promise<void> {
    const path = join(dir, 'repo', 'modules', folder);
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'module.json'), '{}');
    await writeFile(join(path, 'package.json'), '{"main":"main.mjs"}');
    await writeFile(join(path, 'main.mjs'), code);
  }

  async function start(
    modules: Record<string, JsonObject>,
    options: Partial<LocalEdgeOptions> = {},
  ): Promise<LocalEdge> {
    edge = await startLocalEdge({
      manifest: manifestOf({ modules }),
      stateDir: join(dir, 'state'),
      repoDir: join(dir, 'repo'),
      environment: {
        PATH: '/usr/bin:/bin',
        HOME: '/home/x',
        IOTEDGE_DEVICEID: 'of the parent',
        SECRET: 's',
        RATE: '7',
      },
      onLog: (line) => lines.push(line),
      timing: quick,
      ...options,
    });
    return edge;
  }

  const texts = (module: string) => lines.filter((line) => line.module === module).map(({ text }) => text);
  const ready = (module: string) => () => texts(module).includes('ready');

  it('gives a module exactly the environment that edgeAgent would give it', async () => {
    await writeModule('talk', talkative);
    const running = await start({
      m: {
        settings: {
          image: '${MODULES.talk}',
          createOptions: {
            Env: ['FROM_IMAGE=1', 'RATE=image'],
            HostConfig: { Binds: ['data:/var/data', `${dir}:/host:ro`] },
          },
        },
        env: {
          RATE: { value: '$RATE' },
          FLAG: { value: true },
          NUMBER: { value: 1.5 },
          UNDEFINED: { value: '$NOT_DEFINED' },
          DATA: { value: '/var/data' },
          BELOW: { value: '/var/data/x/y' },
          BESIDE: { value: '/var/database' },
          HOST: { value: '/host/f' },
          IOTEDGE_MODULEID: { value: 'forged' },
        },
      },
    });
    await running.waitFor(ready('m'));
    const environment: Record<string, string> = JSON.parse(texts('m')[0]?.slice(4) ?? '');
    const { IOTEDGE_MODULEGENERATIONID: generation, IOTEDGE_WORKLOADURI: workload, ...rest } = environment;
    assert.match(generation ?? '', /^\d+$/);
    assert.match(workload ?? '', /^unix:\/\/\/.*\/m\.sock$/);
    const volume = join(dir, 'state', 'volumes', 'data');
    assert.deepEqual(rest, {
      PATH: '/usr/bin:/bin',
      HOME: '/home/x',
      RuntimeLogLevel: 'info',
      FROM_IMAGE: '1',
      RATE: '7',
      FLAG: 'true',
      NUMBER: '1.5',
      UNDEFINED: '$NOT_DEFINED',
      DATA: volume,
      BELOW: `${volume}/x/y`,
      BESIDE: '/var/database',
      HOST: `${dir}/f`,
      IOTEDGE_AUTHSCHEME: 'sasToken',
      IOTEDGE_IOTHUBHOSTNAME: 'local.azure-devices.net',
      IOTEDGE_GATEWAYHOSTNAME: running.address,
      IOTEDGE_DEVICEID: 'edge',
      IOTEDGE_MODULEID: 'm',
      IOTEDGE_APIVERSION: '2022-08-03',
    });
    assert.equal(texts('m')[1], `cwd ${join(dir, 'repo', 'modules', 'talk')}`);
  });

  it('restarts a killed module after its back-off, counts, and gives up for good', async () => {
    await writeModule('m', exiting(3));
    const running = await start({ m: {} });
    await running.waitFor(
      () => running.modules()[0]?.restartCount === 3 && running.modules()[0]?.runtimeStatus === 'failed',
    );
    await delay(quick.reconcileIntervalMs * 5);
    const [status] = running.modules();
    assert.deepEqual([status?.restartCount, status?.exitCode, status?.pid], [3, 3, undefined]);
    assert.equal(texts('m').length, 4);
    const reported = running.reported('$edgeAgent').modules as Record<string, JsonObject>;
    assert.equal(reported.m?.runtimeStatus, 'failed');
    assert.equal(reported.m?.exitCode, 3);
    assert.equal(reported.m?.restartPolicy, 'always');
  });

  it('leaves a module alone whose policy is never, and starts one again without counting that ended well under on-failure', async () => {
    await writeModule('never', exiting(0));
    await writeModule('again', exiting(0));
    const running = await start({ never: { restartPolicy: 'never' }, again: { restartPolicy: 'on-failure' } });
    await running.waitFor(() => texts('again').length >= 3);
    assert.equal(texts('never').length, 1);
    const status = Object.fromEntries(running.modules().map((each) => [each.module, each]));
    assert.equal(status.never?.runtimeStatus, 'stopped');
    assert.equal(status.again?.restartCount, 0);
  });

  it('forgets its restarts after ten minutes without an end', async () => {
    await writeModule('m', talkative);
    let now = Date.now();
    const running = await start({ m: {} }, { timing: { ...quick, clock: () => now } });
    await running.waitFor(ready('m'));
    process.kill(running.modules()[0]?.pid ?? 0, 'SIGKILL');
    await running.waitFor(() => running.modules()[0]?.runtimeStatus === 'backoff');
    now += 11;
    await running.waitFor(() => running.modules()[0]?.restartCount === 1 && running.modules()[0]?.pid !== undefined);
    assert.equal(running.modules()[0]?.exitCode, 137);
    now += 600_000;
    await running.waitFor(() => running.modules()[0]?.restartCount === 0);
  });

  it('does not start what the manifest wants stopped', async () => {
    await writeModule('m', talkative);
    const running = await start({ m: { status: 'stopped' } });
    await delay(quick.reconcileIntervalMs * 3);
    assert.equal(running.modules()[0]?.runtimeStatus, 'unknown');
    assert.deepEqual(texts('m'), []);
  });

  it('starts in the order of startupOrder and stops in the reverse', async () => {
    for (const name of ['one', 'two', 'three']) await writeModule(name, talkative);
    const running = await start({ three: { startupOrder: 3 }, one: { startupOrder: 1 }, two: { startupOrder: 2 } });
    const started = running.modules();
    const startOf = (name: string) => started.find(({ module }) => module === name)?.lastStartTime?.getTime() ?? 0;
    assert.ok(startOf('one') <= startOf('two') && startOf('two') <= startOf('three'));
    await running.waitFor(() => ['one', 'two', 'three'].every((name) => ready(name)()));
    await running.stop();
    assert.deepEqual(
      lines.filter(({ text }) => text === 'term').map(({ module }) => module),
      ['three', 'two', 'one'],
    );
  });

  it('kills a module that does not stop in time, with all that it started', async () => {
    const grandchild = `import { spawn } from 'node:child_process';
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      console.log('child ' + child.pid); ${stubborn}`;
    await writeModule('m', grandchild);
    const running = await start({ m: {} });
    await running.waitFor(ready('m'));
    const pid = running.modules()[0]?.pid ?? 0;
    const child = Number(
      texts('m')
        .find((text) => text.startsWith('child'))
        ?.slice(6),
    );
    await running.stop();
    assert.ok(texts('m').includes('no'));
    assert.equal(await processIdentity(pid), undefined);
    await gone(child);
  });

  it('ends the modules that a killed runtime left behind, and nothing else', async () => {
    await writeModule('m', stubborn);
    const spawnIdle = () =>
      spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
    const orphan = spawnIdle();
    const bystander = spawnIdle();
    try {
      await mkdir(join(dir, 'state', 'run'), { recursive: true });
      // The record of a process whose id now belongs to another one.
      await writeFile(
        join(dir, 'state', 'run', 'old.json'),
        JSON.stringify({ pid: bystander.pid, identity: 'another boot:1' }),
      );
      // A machine that loses the runtime and what guards its modules at once leaves a module with its record.
      const pid = orphan.pid ?? 0;
      await new ProcessRecord(join(dir, 'state', 'run')).put('m', pid);
      assert.notEqual(await processIdentity(pid), undefined);

      const running = await start({ m: {} });
      assert.equal(await processIdentity(pid), undefined);
      assert.notEqual(running.modules()[0]?.pid, pid);
      assert.notEqual(await processIdentity(bystander.pid ?? 0), undefined);
    } finally {
      orphan.kill('SIGKILL');
      bystander.kill('SIGKILL');
    }
  });

  it('leaves no module behind when the runtime is killed', async () => {
    await writeModule('m', talkative);
    const options = {
      manifest: manifestOf({ modules: { m: {} } }),
      stateDir: join(dir, 'state'),
      repoDir: join(dir, 'repo'),
    };
    const child = spawn(process.execPath, [edgeMain, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const { pid } = JSON.parse(await readFile(join(dir, 'state', 'run', 'm.json'), 'utf8'));
    child.kill('SIGKILL');
    await once(child, 'exit');
    await gone(pid);
  });

  it('keeps the lines of a module in a file and restarts it on demand', async () => {
    await writeModule('m', talkative);
    const running = await start({ m: {} });
    await running.waitFor(ready('m'));
    await running.restartModule('m');
    await running.waitFor(() => texts('m').filter((text) => text === 'ready').length === 2);
    assert.equal(running.modules()[0]?.restartCount, 1);
    await running.stop();
    const log = (await readFile(join(dir, 'state', 'logs', 'm.log'), 'utf8')).split('\n');
    assert.equal(log.filter((line) => /^\d{4}-[\d-]+T[\d:.]+Z stdout ready$/.test(line)).length, 2);
    assert.equal(log.filter((line) => line.endsWith('Z stdout term')).length, 2);
  });

  it('runs another command where it is told to, and says so when there is none', async () => {
    await mkdir(join(dir, 'repo'));
    const running = await start(
      { m: {}, n: { restartPolicy: 'never' } },
      {
        moduleOverrides: {
          m: {
            command: process.execPath,
            args: ['-e', 'console.log(process.env.EXTRA, process.env.IOTEDGE_MODULEID); setInterval(() => {}, 1000)'],
            env: { EXTRA: 'e' },
          },
          n: { command: join(dir, 'no-such-program') },
        },
      },
    );
    await running.waitFor(() => texts('m').includes('e m'));
    await running.waitFor(() => running.modules().find(({ module }) => module === 'n')?.exitCode === 127);
    assert.match(texts('n')[0] ?? '', /cannot run .*no-such-program/);
  });

  async function gone(pid: number): Promise<void> {
    const deadline = Date.now() + 5000;
    while ((await processIdentity(pid)) !== undefined) {
      assert.ok(Date.now() < deadline, `process ${pid} is still there`);
      await delay(10);
    }
  }
});

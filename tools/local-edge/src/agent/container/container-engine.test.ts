import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { createEdgeEmitter, type EdgeEmitter, type LogLine } from '../../events.ts';
import { parseDeployment } from '../../manifest/parse-deployment.ts';
import { manifestOf } from '../../testing/manifest.ts';
import type { JsonObject } from '../../twins/json-object.ts';
import type { ModuleLauncher } from '../module-run.ts';
import type { ContainerEngine } from './container-engine.ts';
import type { ContainerSettings } from './container-settings.ts';
import { edgeMark } from './edge-labels.ts';
import { openContainerEngine } from './open-container-engine.ts';
import { nodeImage, openTestEngine, type TestEngine } from './testing/docker-engine.test.ts';

const waitMs = 30_000;

describe('ContainerEngine', function () {
  this.timeout(90_000);

  let test: TestEngine;
  let docker: Docker;
  let dir: string;
  let stateDir: string;
  let socket: Server;
  let events: EdgeEmitter;
  let warnings: { message: string; details: Readonly<Record<string, unknown>> }[];
  let engines: ContainerEngine[];

  before(async function () {
    const opened = await openTestEngine();
    if (typeof opened === 'string') {
      console.log(`    skipped: ${opened}`);
      this.skip();
    }
    test = opened;
    docker = opened.docker;
  });

  after(async () => {
    await test?.close();
  });

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    stateDir = join(dir, 'state');
    socket = createServer((connection) => connection.end('hello'));
    await new Promise<void>((resolve) => socket.listen(join(dir, 'm.sock'), resolve));
    events = createEdgeEmitter();
    warnings = [];
    events.on('warning', (warning) => warnings.push(warning));
    engines = [];
  });

  afterEach(async () => {
    for (const engine of engines) await engine.close();
    await new Promise((resolve) => socket.close(resolve));
    await rm(dir, { recursive: true, force: true });
  });

  async function open(settings: ContainerSettings = {}, runtime: JsonObject = {}): Promise<ContainerEngine> {
    const engine = await openContainerEngine({
      settings: { host: test.host, ...settings },
      environment: {},
      stateDir,
      repoDir: dir,
      gatewayHostName: undefined,
      runtime: () => runtime,
      stopGraceMs: 1000,
      events,
    });
    engines.push(engine);
    return engine;
  }

  function specOf(createOptions: JsonObject, module: JsonObject = {}) {
    const settings = { image: nodeImage, createOptions };
    const [spec] = parseDeployment(manifestOf({ modules: { m: { settings, ...module } } })).modules;
    assert.ok(spec);
    return spec;
  }

  function launcherOf(engine: ContainerEngine, createOptions: JsonObject, module: JsonObject = {}): ModuleLauncher {
    return engine.launcher({
      spec: specOf(createOptions, module),
      identity: {
        workloadUri: `unix://${join(dir, 'm.sock')}`,
        generationId: '1',
        hubName: 'hub.local',
        gatewayHostName: '127.0.0.9',
        deviceId: 'edge',
        moduleId: 'm',
      },
      hubAddress: '127.0.0.9',
      env: {},
    });
  }

  const program = (code: string) => ({ Cmd: ['/usr/bin/node', '-e', code] });
  const idle = () =>
    program(
      `console.log('ready');process.on('SIGTERM',()=>{console.log('term');process.exit(5)});setInterval(()=>{},1000)`,
    );

  function collect() {
    const lines: Pick<LogLine, 'stream' | 'text'>[] = [];
    const waiting = new Set<() => void>();
    const onLine = (stream: 'stdout' | 'stderr', text: string) => {
      lines.push({ stream, text });
      for (const look of waiting) look();
    };
    const has = (text: string) =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new RangeError(`no line '${text}' in ${JSON.stringify(lines)}`)), waitMs);
        const look = () => {
          if (!lines.some((line) => line.text === text)) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    return { lines, onLine, has, texts: () => lines.map(({ text }) => text) };
  }

  const nameOf = () => `${edgeMark(stateDir).prefix}-m`;
  const ours = () => docker.listContainers({ all: true, filters: edgeMark(stateDir).filter });

  it('says where it looked when no engine answers', async () => {
    await assert.rejects(open({ host: `unix://${dir}/none.sock` }), {
      code: 'EDGE_ENGINE_UNAVAILABLE',
      message: /none\.sock/,
    });
    await assert.rejects(open({ host: 'ssh://there' }), { code: 'EDGE_ENGINE_UNAVAILABLE' });
  });

  it('collects all that a module writes, to the last line of one that ends at once, and its exit code', async () => {
    const launcher = launcherOf(
      await open(),
      program('for(let i=0;i<500;i++)console.log("out "+i);process.stderr.write("half");process.exitCode=3'),
    );
    for (const _ of [1, 2, 3]) {
      const { onLine, lines } = collect();
      const run = await launcher.launch(onLine);
      assert.equal(await run.exited, 3);
      assert.equal(lines.filter(({ stream }) => stream === 'stdout').length, 500);
      assert.deepEqual(
        lines.filter(({ stream }) => stream === 'stderr'),
        [{ stream: 'stderr', text: 'half' }],
      );
    }
  });

  it('reads a terminal, and a log driver that keeps nothing', async () => {
    const launcher = launcherOf(await open(), {
      ...program('console.log(String(process.stdout.isTTY));console.error("two")'),
      Tty: true,
      HostConfig: { LogConfig: { Type: 'none' } },
    });
    const { onLine, texts } = collect();
    assert.equal(await (await launcher.launch(onLine)).exited, 0);
    assert.deepEqual(texts(), ['true', 'two']);
  });

  it('gives a module its environment, its socket and a name among the others, whatever its user', async () => {
    const engine = await open();
    const report = `
      const { env } = process;
      console.log(JSON.stringify({ gateway: env.IOTEDGE_GATEWAYHOSTNAME, uri: env.IOTEDGE_WORKLOADURI, rate: env.RATE, image: env.IMAGE, module: env.IOTEDGE_MODULEID, uid: process.getuid() }));
      require('dns').lookup(env.IOTEDGE_GATEWAYHOSTNAME, (e, a) => console.log('hub ' + a));
      require('dns').lookup('m', (e, a) => console.log('m ' + (a === Object.values(require('os').networkInterfaces()).flat().find(i => !i.internal)?.address)));
      require('net').connect(env.IOTEDGE_WORKLOADURI.slice(7)).on('data', (d) => console.log('socket ' + d)).on('error', (e) => console.log(e.message));`;
    const launcher = launcherOf(
      engine,
      { ...program(report), User: '1000:1000', Env: ['RATE=image', 'IMAGE=1', 'IOTEDGE_MODULEID=forged'] },
      { env: { RATE: { value: 7 } } },
    );
    const { onLine, texts } = collect();
    assert.equal(await (await launcher.launch(onLine)).exited, 0, texts().join('\n'));
    const [first = '{}', ...rest] = texts();
    assert.deepEqual(JSON.parse(first), {
      gateway: 'edgehub',
      uri: 'unix:///var/run/iotedge/workload.sock',
      rate: '7',
      image: '1',
      module: 'm',
      uid: 1000,
    });
    const isBridge = engine.bridgeAddress !== undefined;
    const expected = isBridge
      ? [`hub ${engine.bridgeAddress}`, 'm true', 'socket hello']
      : ['hub 127.0.0.9', 'socket hello'];
    for (const line of expected) assert.ok(rest.includes(line), texts().join('\n'));
    const [container] = await ours();
    assert.equal(container?.Labels['net.azure-devices.edge.owner'], 'Microsoft.Azure.Devices.Edge.Agent');
    assert.equal(container?.Labels['net.azure-devices.edge.original-image'], nodeImage);
  });

  it("puts a module on this machine's network where that is wanted", async () => {
    const engine = await open({ network: 'host' });
    assert.equal(engine.bridgeAddress, undefined);
    const launcher = launcherOf(engine, program(`require('dns').lookup('edgehub',(e,a)=>console.log(a))`));
    const { onLine, texts } = collect();
    await (await launcher.launch(onLine)).exited;
    assert.deepEqual(texts(), ['127.0.0.9']);
    assert.deepEqual(warnings, []);
  });

  it('stops a module in time, kills one that does not, and starts the same container again', async () => {
    const stubbornLater = `
      const { existsSync, writeFileSync } = require('fs');
      const isSecond = existsSync('/tmp/mark');
      writeFileSync('/tmp/mark', '');
      process.on('SIGTERM', () => { console.log('term'); if (!isSecond) process.exit(5); });
      setInterval(() => {}, 1000);
      console.log(isSecond ? 'second' : 'first');`;
    const launcher = launcherOf(await open(), program(stubbornLater));
    const first = collect();
    const run = await launcher.launch(first.onLine);
    assert.equal(run.pid, undefined);
    await first.has('first');
    assert.equal(await run.stop(10_000), 5);
    assert.deepEqual(first.texts(), ['first', 'term']);
    assert.equal(await run.stop(10_000), 5);

    const second = collect();
    const again = await launcher.launch(second.onLine);
    await second.has('second');
    assert.equal(await again.stop(500), 137);
    assert.deepEqual(second.texts(), ['second', 'term']);
    await launcher.remove?.();
    assert.deepEqual(await ours(), []);
  });

  it('notices a module that somebody stops, kills or removes', async () => {
    const launcher = launcherOf(await open(), idle());
    const container = docker.getContainer(nameOf());
    const ways: [() => Promise<unknown>, number][] = [
      [() => container.stop(), 5],
      [() => container.kill({ signal: 'SIGKILL' }), 137],
      [() => container.remove({ force: true }), 137],
    ];
    for (const [way, code] of ways) {
      const { onLine, has } = collect();
      const run = await launcher.launch(onLine);
      await has('ready');
      await way();
      assert.equal(await run.exited, code);
    }
  });

  it('tells when the health check of a module fails, and when it is well again', async () => {
    await writeFile(join(dir, 'sick'), '');
    const launcher = launcherOf(await open(), {
      ...idle(),
      Healthcheck: {
        Test: ['CMD', '/usr/bin/node', '-e', 'process.exit(require("fs").existsSync("/host/sick")?1:0)'],
        Interval: 200_000_000,
        Retries: 1,
      },
      HostConfig: { Binds: [`${dir}:/host:ro`] },
    });
    const run = await launcher.launch(() => undefined);
    await until(() => run.isUnhealthy === true);
    await rm(join(dir, 'sick'));
    await until(() => run.isUnhealthy === false);
    await run.stop(0);
  });

  it('removes what a killed runtime of the same state left, and nothing else', async () => {
    const foreign = await docker.createContainer({ Image: nodeImage, ...idle(), HostConfig: { NetworkMode: 'none' } });
    try {
      await foreign.start();
      const { onLine, has } = collect();
      const run = await launcherOf(await open(), idle()).launch(onLine);
      await has('ready');
      const engine = await open();
      assert.equal(await run.exited, 5);
      assert.deepEqual(warnings, [
        { message: 'removed a container that an earlier run left behind', details: { module: 'm' } },
      ]);
      assert.deepEqual(await ours(), []);
      assert.equal((await foreign.inspect()).State.Running, true);
      await engine.close();
      const networks = await docker.listNetworks({ filters: edgeMark(stateDir).filter });
      assert.deepEqual(networks, []);
    } finally {
      await foreign.remove({ force: true });
    }
  });

  it('keeps the volumes of the engine as it has them, and shares those that a process uses too', async () => {
    const engine = await open();
    const Binds = ['edgeveil-test-own:/own', 'shared:/shared'];
    await engine.shareVolumes(specOf({ HostConfig: { Binds: ['shared:/x'] } }));
    const write = program("require('fs').writeFileSync('/shared/file','1')");
    const launcher = launcherOf(engine, { ...write, User: '1000:1000', HostConfig: { Binds } });
    try {
      const { onLine, texts } = collect();
      assert.equal(await (await launcher.launch(onLine)).exited, 0, texts().join('\n'));
      assert.equal(await readFile(join(stateDir, 'volumes', 'shared', 'file'), 'utf8'), '1');
      await launcher.remove?.();
      assert.equal((await docker.getVolume('edgeveil-test-own').inspect()).Name, 'edgeveil-test-own');
    } finally {
      await docker
        .getVolume('edgeveil-test-own')
        .remove()
        .catch(() => undefined);
    }
  });

  it('refuses what the engine refuses, with its words', async () => {
    const engine = await open();
    const refused = async (createOptions: JsonObject) => {
      let error: unknown;
      await launcherOf(engine, createOptions)
        .launch(() => undefined)
        .catch((reason: unknown) => {
          error = reason;
        });
      await docker
        .getContainer(nameOf())
        .remove({ force: true })
        .catch(() => undefined);
      return error as { code?: string; message?: string };
    };
    assert.match((await refused({ Cmd: ['/no/such/program'] })).message ?? '', /no\/such\/program/);
    assert.equal((await refused({ Cmd: ['/no/such/program'] })).code, 'EDGE_CONTAINER_REFUSED');
    assert.equal((await refused({ HostConfig: { Binds: ['relative/path:/x'] } })).code, 'EDGE_CONTAINER_REFUSED');
    assert.equal((await refused({ Labels: { a: 1 } })).code, 'EDGE_MANIFEST_INVALID');
  });

  it('names an image that is missing and pulls none', async () => {
    const engine = await open();
    const spec = specOf({}, { settings: { image: 'edgeveil-test/none:1' } });
    await assert.rejects(engine.prepareImage(spec), {
      code: 'EDGE_IMAGE_MISSING',
      message: /edgeveil-test\/none:1.*docker build/,
    });
    assert.equal((await engine.prepareImage(specOf({}))).image, nodeImage);
  });

  it("takes a template's image for the engine's platform", async () => {
    const engine = await open();
    const platforms = { amd64: 'a', arm64v8: 'b', arm32v7: 'c' };
    await mkdir(join(dir, 'modules', 'camera'), { recursive: true });
    await writeFile(
      join(dir, 'modules', 'camera', 'module.json'),
      JSON.stringify({ image: { repository: 'Plant/camera', tag: { version: '1.2', platforms } } }),
    );
    const { Architecture } = await docker.info();
    const key = new Map([
      ['x86_64', 'amd64'],
      ['aarch64', 'arm64v8'],
      ['armv7l', 'arm32v7'],
    ]).get(Architecture);
    await assert.rejects(engine.prepareImage(specOf({}, { settings: { image: '${MODULES.camera}' } })), {
      code: 'EDGE_IMAGE_MISSING',
      message: new RegExp(`'plant/camera:1.2-${key}'`),
    });
    await assert.rejects(engine.prepareImage(specOf({}, { settings: { image: '${MODULES.none}' } })), {
      code: 'EDGE_IMAGE_UNRESOLVED',
    });
  });

  async function until(predicate: () => boolean): Promise<void> {
    const deadline = Date.now() + waitMs;
    while (!predicate()) {
      assert.ok(Date.now() < deadline, 'it does not come');
      await delay(20);
    }
  }
});

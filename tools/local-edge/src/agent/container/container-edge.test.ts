import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LogLine } from '../../events.ts';
import type { LocalEdge } from '../../local-edge.ts';
import type { LocalEdgeOptions } from '../../options.ts';
import { startLocalEdge } from '../../start-local-edge.ts';
import { manifestOf } from '../../testing/manifest.ts';
import type { JsonObject } from '../../twins/json-object.ts';
import type { ContainerSettings } from './container-settings.ts';
import { edgeMark } from './edge-labels.ts';
import { nodeImage, openTestEngine, type TestEngine } from './testing/docker-engine.test.ts';

// node_modules, where the SDK lies that the module in the container uses.
const packages = dirname(dirname(createRequire(import.meta.url).resolve('azure-iot-device/package.json')));
const edgeMain = fileURLToPath(new URL('../../testing/edge/main.ts', import.meta.url));

// Sends what comes to its input on to its output, and answers a method; a method calls the other module's over HTTPS.
const moduleCode = `
  const { ModuleClient, Message } = require('azure-iot-device');
  const { Mqtt } = require('azure-iot-device-mqtt');
  ModuleClient.fromEnvironment(Mqtt, async (error, client) => {
    if (error) throw error;
    client.on('inputMessage', (input, message) => {
      client.complete(message, () => {});
      const reply = new Message(JSON.stringify({ from: process.env.IOTEDGE_MODULEID, got: message.data.toString() }));
      client.sendOutputEvent('out', reply, (e) => console.log(e ? e.message : 'sent'));
    });
    await client.open();
    client.onMethod('who', (request, response) => response.send(200, process.env.IOTEDGE_MODULEID));
    client.onMethod('ask', async (request, response) => {
      const answer = await client.invokeMethod(process.env.IOTEDGE_DEVICEID, request.payload, { methodName: 'who', payload: null, connectTimeoutInSeconds: 10, responseTimeoutInSeconds: 10 }).catch((e) => ({ payload: e.message }));
      response.send(200, answer.payload);
    });
    process.on('SIGTERM', () => process.exit(0));
    console.log('ready');
  });`;

const createOptions = (more: JsonObject = {}) => ({
  Cmd: ['/usr/bin/node', '-e', moduleCode],
  WorkingDir: '/app',
  User: '1000:1000',
  HostConfig: { Binds: [`${packages}:/app/node_modules:ro`] },
  ...more,
});
const dockerModule = (more: JsonObject = {}) => ({
  settings: { image: nodeImage, createOptions: createOptions(more) },
});

const quick = {
  reconcileIntervalMs: 50,
  restart: { maxRestartCount: 20, backOffUnitMs: 10, maxBackOffMs: 40 },
  stopGraceMs: 5000,
};

describe('an edge with modules in containers', function () {
  this.timeout(120_000);

  let engine: TestEngine;
  let dir: string;
  let edge: LocalEdge | undefined;
  let lines: LogLine[];
  let warnings: string[];

  before(async function () {
    const opened = await openTestEngine();
    if (typeof opened === 'string') {
      console.log(`    skipped: ${opened}`);
      return this.skip();
    }
    engine = opened;
  });

  after(async () => {
    await engine?.close();
  });

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    lines = [];
    warnings = [];
  });

  afterEach(async () => {
    await edge?.stop();
    edge = undefined;
    await rm(dir, { recursive: true, force: true });
  });

  function optionsOf(modules: Record<string, JsonObject>, docker: ContainerSettings = {}): LocalEdgeOptions {
    return {
      manifest: manifestOf({
        modules,
        routes: {
          in: 'FROM /messages/modules/probe/* INTO BrokeredEndpoint("/modules/m/inputs/in")',
          out: 'FROM /messages/modules/m/outputs/out INTO $upstream',
        },
      }),
      stateDir: join(dir, 'state'),
      repoDir: dir,
      environment: { PATH: '/usr/bin:/bin' },
      docker: { host: engine.host, ...docker },
      timing: quick,
    };
  }

  async function start(modules: Record<string, JsonObject>, more: Partial<LocalEdgeOptions> = {}): Promise<LocalEdge> {
    edge = await startLocalEdge({
      ...optionsOf(modules),
      onLog: (line) => lines.push(line),
      onWarning: ({ message, details }) => warnings.push(`${message} ${JSON.stringify(details)}`),
      ...more,
    });
    return edge;
  }

  const ready = (module: string) => () => lines.some((line) => line.module === module && line.text === 'ready');
  const statusOf = (running: LocalEdge, module = 'm') => running.modules().find((each) => each.module === module);
  const containers = () => engine.docker.listContainers({ all: true, filters: edgeMark(join(dir, 'state')).filter });

  for (const network of ['bridge', 'host'] as const) {
    it(`runs a module of the real SDK, which takes and sends messages, on the ${network} network`, async () => {
      const running = await start({ m: dockerModule() }, optionsOf({ m: dockerModule() }, { network }));
      await running.waitFor(ready('m'), { timeoutMs: 60_000 }).catch(told);
      await running.sendToInput('m', 'in', { body: 'hello' });
      const message = await running
        .waitFor(() => [...running.upstream.messages()][0], { timeoutMs: 60_000 })
        .catch(told);
      assert.deepEqual(JSON.parse(message.body.toString()), { from: 'm', got: 'hello' });
      assert.equal(statusOf(running)?.runtimeStatus, 'running');
      assert.equal(statusOf(running)?.pid, undefined);
      await running.stop();
      assert.equal(statusOf(running)?.exitCode, 0);
      assert.deepEqual(await containers(), []);
      assert.match(await readFile(join(dir, 'state', 'logs', 'm.log'), 'utf8'), /ready/);
    });
  }

  it('lets modules call methods of each other, container and process alike', async function () {
    await writeFile(join(dir, 'p.cjs'), moduleCode);
    const running = await start(
      { m: dockerModule(), n: dockerModule(), p: {} },
      {
        moduleOverrides: {
          p: { command: process.execPath, args: [join(dir, 'p.cjs')], cwd: dir, env: { NODE_PATH: packages } },
        },
      },
    );
    for (const module of ['m', 'n', 'p']) await running.waitFor(ready(module), { timeoutMs: 60_000 }).catch(told);
    assert.equal(typeof statusOf(running, 'p')?.pid, 'number');
    if (warnings.some((warning) => warning.includes('methods of other modules'))) return this.skip();
    for (const [from, to] of [
      ['m', 'n'],
      ['p', 'm'],
      ['n', 'p'],
    ] as const) {
      const result = await running.invokeMethod(from, { methodName: 'ask', payload: to, connectTimeoutSecs: 30 });
      assert.equal(result.payload, to);
    }
  });

  it('restarts a container that somebody kills or whose health fails, as its policy says', async () => {
    const health = {
      User: '0',
      Healthcheck: {
        Test: ['CMD', '/usr/bin/node', '-e', 'process.exit(require("fs").existsSync("/host/sick")?1:0)'],
        Interval: 200_000_000,
        Retries: 1,
      },
      HostConfig: { Binds: [`${packages}:/app/node_modules:ro`, `${dir}:/host:ro`] },
    };
    const running = await start({ m: { ...dockerModule(health), restartPolicy: 'on-unhealthy' } });
    const readyTimes = () => lines.filter(({ text }) => text === 'ready').length;
    await running.waitFor(() => readyTimes() === 1, { timeoutMs: 60_000 }).catch(told);
    await engine.docker.getContainer(`${edgeMark(join(dir, 'state')).prefix}-m`).kill({ signal: 'SIGKILL' });
    await running.waitFor(() => readyTimes() === 2, { timeoutMs: 60_000 }).catch(told);
    assert.deepEqual([statusOf(running)?.restartCount, statusOf(running)?.exitCode], [1, 137]);
    await writeFile(join(dir, 'sick'), '');
    await running.waitFor(() => statusOf(running)?.restartCount === 2, { timeoutMs: 60_000 });
    await rm(join(dir, 'sick'));
    await running.waitFor(() => readyTimes() >= 3, { timeoutMs: 60_000 }).catch(told);
  });

  it('applies a new deployment to the containers', async () => {
    const idle = (text: string) => ({
      settings: {
        image: nodeImage,
        createOptions: {
          Cmd: [
            '/usr/bin/node',
            '-e',
            `process.on('SIGTERM',()=>process.exit());console.log('${text}');setInterval(()=>{},1e3)`,
          ],
        },
      },
    });
    const has = (text: string) => () => lines.some((line) => line.text === text);
    const running = await start({ m: idle('one'), gone: idle('two') });
    await running.waitFor(has('one')).catch(told);
    await running.waitFor(has('two')).catch(told);
    const missing = { settings: { image: 'edgeveil-test/none:1' } };
    await assert.rejects(running.applyDeployment(optionsOf({ m: missing }).manifest), { code: 'EDGE_IMAGE_MISSING' });
    assert.equal(statusOf(running)?.runtimeStatus, 'running');
    await running.applyDeployment(optionsOf({ m: idle('three') }).manifest);
    await running.waitFor(has('three')).catch(told);
    assert.deepEqual(
      (await containers()).map(({ Labels }) => Labels['io.edgeveil.module']),
      ['m'],
    );
  });

  it('starts nothing when an image is missing', async () => {
    const modules = { m: dockerModule(), n: { settings: { image: 'edgeveil-test/none:1' } } };
    await assert.rejects(start(modules), { code: 'EDGE_IMAGE_MISSING', message: /edgeveil-test\/none:1.*'n'/ });
    assert.deepEqual(await containers(), []);
  });

  it('shares a volume between a container and a process', async () => {
    await mkdir(join(dir, 'modules'));
    const Binds = ['frames:/frames'];
    const write = { Cmd: ['/usr/bin/node', '-e', `require('fs').writeFileSync('/frames/a','x')`], User: '1000:1000' };
    const read = `const f=process.env.FRAMES+'/a';const t=setInterval(()=>{if(require('fs').existsSync(f)){console.log('seen');clearInterval(t)}},20)`;
    const running = await start(
      {
        m: {
          restartPolicy: 'never',
          settings: { image: nodeImage, createOptions: { ...write, HostConfig: { Binds } } },
        },
        p: {
          restartPolicy: 'never',
          env: { FRAMES: { value: '/frames' } },
          settings: { image: 'x', createOptions: { HostConfig: { Binds } } },
        },
      },
      { moduleOverrides: { p: { command: process.execPath, args: ['-e', read] } } },
    );
    await running.waitFor(() => lines.some(({ text }) => text === 'seen')).catch(told);
  });

  it('removes the containers of a runtime that was killed when it starts again', async () => {
    const options = optionsOf({ m: dockerModule() });
    const child = spawn(process.execPath, [edgeMain, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const [before] = await containers();
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.deepEqual(
      (await containers()).map(({ Id, State }) => [Id, State]),
      [[before?.Id, 'running']],
    );

    const running = await start({ m: dockerModule() });
    await running.waitFor(ready('m'), { timeoutMs: 60_000 }).catch(told);
    assert.ok(warnings.includes('removed a container that an earlier run left behind {"module":"m"}'), warnings.join());
    const now = await containers();
    assert.equal(now.length, 1);
    assert.notEqual(now[0]?.Id, before?.Id);
  });

  /** A wait that failed is of no use without what the modules said. */
  function told(error: unknown): never {
    console.log([...warnings, ...lines.map(({ module, text }) => `${module}: ${text}`)].join('\n'));
    throw error;
  }
});

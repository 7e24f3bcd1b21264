import assert from 'node:assert/strict';
import { EventEmitter, on } from 'node:events';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { ExitCode } from '../cli-context.ts';
import { runCli } from '../run-cli.ts';

const program = `
  process.on('SIGTERM', () => { console.log('term'); process.exit(0); });
  console.log('ready ' + (process.env.N ?? '') + (process.env.FROM_FILE ?? ''));
  setInterval(() => {}, 1000);
`;
const module = (more: object = {}) => ({
  type: 'docker',
  restartPolicy: 'always',
  settings: { image: 'local/x:1' },
  ...more,
});
const manifest = (modules: Record<string, object>) => ({
  modulesContent: {
    $edgeAgent: { 'properties.desired': { schemaVersion: '1.1', modules } },
    $edgeHub: {
      'properties.desired': {
        schemaVersion: '1.1',
        routes: {},
        storeAndForwardConfiguration: { timeToLiveSecs: 7200 },
      },
    },
  },
});

describe('edgeveil run', function () {
  this.timeout(60_000);
  let dir: string;
  let stop: AbortController;
  let output: string;
  let errors: string;
  let ended: Promise<ExitCode> | undefined;
  const written = new EventEmitter();

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-run-'));
    stop = new AbortController();
    output = '';
    errors = '';
    for (const name of ['a', 'b']) {
      const folder = join(dir, 'modules', name);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'module.json'), '{}');
      await writeFile(join(folder, 'package.json'), '{"main":"main.mjs"}');
      await writeFile(join(folder, 'main.mjs'), program);
    }
    await deploy({ a: module(), b: module() });
  });

  afterEach(async () => {
    stop.abort();
    await ended;
    ended = undefined;
    await rm(dir, { recursive: true, force: true });
  });

  const deploy = (modules: Record<string, object>) =>
    writeFile(join(dir, 'deployment.json'), JSON.stringify(manifest(modules)));

  function run(...args: string[]): Promise<ExitCode> {
    const collector = (add: (text: string) => void) =>
      new PassThrough().on('data', (chunk: Buffer) => {
        add(chunk.toString());
        written.emit('text');
      });
    ended = runCli(['run', ...args], {
      input: new PassThrough(),
      output: collector((text) => {
        output += text;
      }),
      errors: collector((text) => {
        errors += text;
      }),
      isTerminal: false,
      environment: { PATH: process.env.PATH },
      workingDir: dir,
      signal: stop.signal,
    });
    void ended.finally(() => written.emit('text'));
    return ended;
  }

  async function until(predicate: () => boolean): Promise<void> {
    const texts = on(written, 'text', { signal: AbortSignal.timeout(30_000) });
    try {
      while (!predicate()) await texts.next();
    } catch (cause) {
      throw new Error(`it did not come to that; output:\n${output}\nerrors:\n${errors}`, { cause });
    } finally {
      await texts.return?.();
    }
  }
  const count = (text: string) => output.split(text).length - 1;

  it('runs a base and its layers, each line under the name of its module, and ends with 0', async () => {
    await writeFile(
      join(dir, 'layer.json'),
      JSON.stringify({
        content: {
          modulesContent: {
            $edgeAgent: { 'properties.desired.modules.b': module({ env: { N: { value: '$NUMBER' } } }) },
          },
        },
      }),
    );
    await writeFile(join(dir, '.env'), 'NUMBER=7\n');
    const code = run('deployment.json', 'layer.json', '--accept-any');
    await until(() => output.includes('ready 7') && count('ready') === 2);
    assert.match(output, /^a {8}ready $/m);
    assert.match(output, /^b {8}ready 7$/m);
    await until(() => /IoT Edge runtime of device edge at 127\.\S+:8883/.test(errors));
    stop.abort();
    assert.equal(await code, 0);
    assert.equal(count('term'), 2);
    assert.match(await readFile(join(dir, '.edgeveil', 'run', 'logs', 'a.log'), 'utf8'), /stdout term/);
  });

  it('starts only what it was told to, writes JSON, and forgets what was with --fresh', async () => {
    const state = join(dir, 'elsewhere');
    let code = run('deployment.json', '--only', 'a', '--json', '--state', 'elsewhere');
    await until(() => output.includes('ready'));
    const line = JSON.parse(output.split('\n').find((each) => each.includes('ready')) ?? '');
    assert.deepEqual([line.module, line.stream, line.text], ['a', 'stdout', 'ready ']);
    assert.ok(!Number.isNaN(Date.parse(line.at)));
    // Another one may not take it meanwhile, least of all to empty it.
    const [first, firstStop] = [ended, stop];
    stop = new AbortController();
    assert.equal(await run('deployment.json', '--state', 'elsewhere', '--fresh'), 1);
    assert.match(errors, /\[EDGE_STATE_IN_USE\]/);
    firstStop.abort();
    assert.equal(await first, 0);
    assert.equal(await code, 0);
    assert.doesNotMatch(output, /"module":"b"/);

    await appendFile(join(state, 'logs', 'a.log'), '2026-01-01T00:00:00.000Z stdout of old\n');
    code = run('deployment.json', '--only', 'a', '--state', 'elsewhere', '--fresh');
    await until(() => count('ready') === 2);
    stop.abort();
    assert.equal(await code, 0);
    assert.doesNotMatch(await readFile(join(state, 'logs', 'a.log'), 'utf8'), /of old/);
  });

  it('restarts a module whose files change, deploys a manifest that changes, and goes on with a broken one', async () => {
    const code = run('deployment.json', '--watch');
    await until(() => count('ready') === 2 && errors.includes('Ctrl-C stops'));
    await until(() => errors.includes('watching'));

    await writeFile(join(dir, 'modules', 'a', 'main.mjs'), `console.log('second of a');${program}`);
    await until(() => output.includes('second of a'));
    assert.match(errors, /main\.mjs has changed, restarting a\n/);
    assert.equal(count('term'), 1, 'the other goes on');

    await writeFile(join(dir, 'deployment.json'), '{');
    await until(() => errors.includes('[EDGE_MANIFEST_UNREADABLE]'));
    assert.equal(count('term'), 1);

    await deploy({ a: module(), b: module({ env: { N: { value: 9 } } }), c: module() });
    await until(() => errors.includes('[EDGE_MODULE_COMMAND_UNKNOWN]'));
    assert.match(errors, /no command is known for module 'c' .*local-edge\.json.*--only.*--docker/);
    assert.equal(count('term'), 1);

    const command = [process.execPath, '-e', 'console.log("c runs"); setInterval(() => {}, 1000)'];
    await writeFile(join(dir, 'local-edge.json'), JSON.stringify({ modules: { c: { command } } }));
    await until(() => output.includes('ready 9') && output.includes('c runs'));
    // Its folder is watched from now on as those of the first deployment are.
    await deploy({ a: module() });
    await until(() => count('term') === 2);
    stop.abort();
    assert.equal(await code, 0);
  });

  it('stops watching a file that a module writes itself', async () => {
    const writes =
      "import { appendFileSync } from 'node:fs'; appendFileSync(new URL('data.txt', import.meta.url), 'x');";
    const code = run('deployment.json', '--watch');
    await until(() => count('ready') === 2 && errors.includes('watching'));
    await writeFile(join(dir, 'modules', 'a', 'main.mjs'), writes + program);
    await until(() => errors.includes('data.txt changes with every restart and is no longer watched'));
    assert.ok((errors.match(/data\.txt has changed, restarting a/g)?.length ?? 0) >= 4);
    stop.abort();
    assert.equal(await code, 0);
  });

  it('opens the inspector of a module and says where', async () => {
    const code = run('deployment.json', '--inspect', 'a=0');
    await until(() => /inspector of a: ws:\/\/127\.0\.0\.1:\d+\//.test(errors));
    const port = /ws:\/\/127\.0\.0\.1:(\d+)/.exec(errors)?.[1];
    const [target] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as { title: string }[];
    assert.match(target?.title ?? '', /main\.mjs/);
    assert.doesNotMatch(errors, /inspector of b/);
    stop.abort();
    assert.equal(await code, 0);
  });

  it('opens it for a module that a side file maps, too', async () => {
    await writeFile(
      join(dir, 'local-edge.json'),
      JSON.stringify({
        images: { 'local/x': { command: ['node', 'main.mjs'], cwd: 'modules/a', env: { FROM_FILE: 'file' } } },
      }),
    );
    const code = run('deployment.json', '--only', 'a', '--inspect', 'a=0');
    await until(() => /inspector of a: ws:/.test(errors) && output.includes('ready file'));
    stop.abort();
    assert.equal(await code, 0);
  });

  it('ends with 2 for wrong usage', async () => {
    for (const [args, message] of [
      [['absent.json'], /absent\.json: no such file/],
      [['deployment.json', '--only', 'z'], /no module 'z'; it has a, b/],
      [['deployment.json', '--inspect', 'z'], /no module 'z'/],
      [['deployment.json', '--inspect', 'a=x'], /--inspect a=x/],
      [['deployment.json', '--pull'], /--pull needs --docker/],
      [['modules'], /is no file/],
    ] as const) {
      assert.equal(await run(...args), 2, args.join(' '));
      assert.match(errors, message);
      errors = '';
    }
  });

  it('ends with 1 and says what to do when a module’s image is foreign', async () => {
    await deploy({ foreign: module({ settings: { image: 'mcr.microsoft.com/foreign:1.0' } }) });
    assert.equal(await run('deployment.json'), 1);
    assert.match(errors, /module 'foreign' \(image 'mcr\.microsoft\.com\/foreign:1\.0'\).*local-edge\.json/);
    assert.match(errors, /\[EDGE_MODULE_COMMAND_UNKNOWN\]/);
  });

  it('ends with 0 when it is stopped while it starts', async () => {
    stop.abort();
    assert.equal(await run('deployment.json'), 0);
    assert.match(errors, /stopped before/);
  });
});

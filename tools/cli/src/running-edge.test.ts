import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { type LocalEdge, startLocalEdge } from '@edgeveil/local-edge';
import type { ExitCode } from './cli-context.ts';
import { runCli } from './run-cli.ts';
import { textWidth } from './terminal/text-width.ts';

interface Ended {
  readonly code: ExitCode;
  readonly output: string;
  readonly errors: string;
}

const manifest = {
  modulesContent: {
    $edgeAgent: {
      'properties.desired': {
        schemaVersion: '1.1',
        modules: Object.fromEntries(
          ['sensor', 'filter'].map((name) => [
            name,
            { type: 'docker', status: 'running', restartPolicy: 'always', settings: { image: `local/${name}:1` } },
          ]),
        ),
      },
    },
    $edgeHub: {
      'properties.desired': {
        schemaVersion: '1.1',
        routes: {
          toFilter: 'FROM /messages/modules/sensor/outputs/out INTO BrokeredEndpoint("/modules/filter/inputs/in1")',
          up: 'FROM /messages/modules/filter/* INTO $upstream',
        },
        storeAndForwardConfiguration: { timeToLiveSecs: 7200 },
      },
    },
    filter: { 'properties.desired': { threshold: 25, zones: ['a', 'b'], 'a.b': { c: 1 } } },
  },
};

const talker = 'console.log("<4> \\u001b[2Jcareful"); console.log("fine"); setInterval(() => undefined, 1000)';

describe('the commands on a running edge', () => {
  let dir: string;
  let edge: LocalEdge;
  let workingDir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'running-edge-'));
    workingDir = join(dir, 'modules', 'sensor');
    await mkdir(workingDir, { recursive: true });
    edge = await startLocalEdge({
      manifest,
      stateDir: join(dir, '.edgeveil', 'run'),
      only: ['sensor'],
      moduleOverrides: { sensor: { command: process.execPath, args: ['-e', talker] } },
      control: true,
    });
    await edge.waitFor(async () => (await edge.moduleLogs('sensor')).length === 2);
  });

  afterEach(async () => {
    await edge.stop();
    await rm(dir, { recursive: true, force: true });
  });

  interface Surroundings {
    readonly isTerminal?: boolean;
    readonly input?: string;
    readonly signal?: AbortSignal;
  }

  async function run(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
    const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
    input.end(surroundings.input ?? '');
    const running = runCli(args, {
      input,
      output,
      errors,
      isTerminal: surroundings.isTerminal ?? false,
      columns: surroundings.isTerminal ? 100 : undefined,
      environment: {},
      workingDir,
      signal: surroundings.signal ?? new AbortController().signal,
    }).finally(() => {
      output.end();
      errors.end();
    });
    const [code, outputText, errorText] = await Promise.all([running, text(output), text(errors)]);
    return { code, output: outputText, errors: errorText };
  }

  const ok = async (...args: string[]): Promise<string> => {
    const { code, output, errors } = await run(args);
    assert.equal(errors, '');
    assert.equal(code, 0);
    return output;
  };
  const okJson = async (...args: string[]): Promise<unknown> => JSON.parse(await ok(...args, '--json'));

  it('status: a table, in colour on a terminal, or JSON', async () => {
    edge.setOffline(true);
    await edge.sendAs('filter', 'o', { body: 'waits' });
    const plain = await ok('status');
    assert.match(plain, /^edge at 127\.\d+\.\d+\.\d+:8883, offline, up \d+s, pid \d+\n/);
    assert.match(plain, /\nmodule +status +pid +restarts +uptime +connected\n/);
    assert.match(plain, /\nsensor +running +\d+ +0 +\d+s +no\nfilter +not started +0 +no\n/);
    assert.match(plain, /\n\$upstream +- +1 +\d+\n/);
    const { output } = await run(['status'], { isTerminal: true });
    assert.ok(output.includes('\u001b[33moffline'));
    assert.equal(stripVTControlCharacters(output).replace(/\d+s/g, ''), plain.replace(/\d+s/g, ''));
    const status = (await okJson('status')) as { modules: { module: string }[] };
    assert.deepEqual(
      status.modules.map(({ module }) => module),
      ['sensor', 'filter'],
    );
  });

  it('monitor and send: a line a message, cut to the terminal, or whole as JSON', async () => {
    const listeners = edge.events.listenerCount('message');
    const body = JSON.stringify({ n: 1, note: 'x'.repeat(200) });
    const listening = edge.waitFor(() => edge.events.listenerCount('message') >= listeners + 4);
    const monitors = [
      run(['monitor', '-n', '2']),
      run(['monitor', '-n', '1', '--route', 'toFilter', '--filter', '$body.n = 1'], { isTerminal: true }),
      run(['monitor', '--count', '1', '--json', '--module', 'filter']),
    ];
    await listening;
    const sent = await ok('send', 'sensor', 'out', '--as-output', '--data', body, '--prop', 'k=v=\u001b[2J');
    assert.equal(sent, 'sent to filter/in1 (toFilter)\n');
    assert.deepEqual(await okJson('send', 'filter', 'in1', '--data', 'plain'), {
      to: [{ endpoint: 'filter/in1', routes: [] }],
    });
    const [plain, coloured, json] = await Promise.all(monitors);
    const lines = plain?.output.split('\n') ?? [];
    assert.match(
      lines[0] ?? '',
      /^\d\d:\d\d:\d\d\.\d{3} sensor\/out ─toFilter→ filter\/in1 k=v=\\u001b\[2J \{"n":1,"note":"x{200}"\}$/,
    );
    assert.match(lines[1] ?? '', /^[\d:.]+ \$edgeHub ─sent→ filter\/in1 plain$/);
    const shown = stripVTControlCharacters(coloured?.output ?? '').trimEnd();
    assert.equal(textWidth(shown), 100);
    assert.ok(shown.endsWith('x…'));
    assert.deepEqual(JSON.parse(json?.output ?? '').body, JSON.parse(body));
    assert.deepEqual([plain?.code, coloured?.code, json?.code], [0, 0, 0]);
  });

  it('monitor: ends with 0 on Ctrl-C, and with 1 when the edge stops before enough has come', async () => {
    const listeners = edge.events.listenerCount('message');
    const stop = new AbortController();
    const ended = [run(['monitor'], { signal: stop.signal }), run(['monitor', '-n', '1']), run(['monitor'])];
    await edge.waitFor(() => edge.events.listenerCount('message') >= listeners + 4);
    stop.abort();
    assert.deepEqual(await ended[0], { code: 0, output: '', errors: '' });
    await edge.stop();
    assert.deepEqual(await ended[1], { code: 1, output: '', errors: 'the edge has stopped\n' });
    assert.deepEqual(await ended[2], { code: 0, output: '', errors: 'the edge has stopped\n' });
  });

  it('monitor: ends with 1 and the place for a filter that does not compile', async () => {
    const { code, errors } = await run(['monitor', '--filter', 'a = ']);
    assert.equal(code, 1);
    assert.match(errors, /^error: the filter does not compile: 1:\d+: .+ \[EDGE_MONITOR_FILTER_INVALID\]\n$/);
  });

  it('send: takes a file or what is piped in; JSON is sent as such unless told otherwise', async () => {
    await writeFile(join(workingDir, 'body.bin'), Buffer.from([0xff, 0x00]));
    const seen: [string, string | undefined][] = [];
    edge.events.on('message', ({ message }) => {
      seen.push([message.body.toString('latin1'), message.systemProperties.get('contentType')]);
    });
    await ok('send', 'filter', 'in1', '--data', '@body.bin', '--content-type', 'image/x');
    assert.equal((await run(['send', 'filter', 'in1', '--data', '-'], { input: '[1]' })).code, 0);
    await ok('send', 'filter', 'in1', '--data', '{}', '--content-type', '');
    await ok('send', 'filter', 'in1', '--data', '5');
    assert.deepEqual(seen, [
      ['\u00ff\u0000', 'image/x'],
      ['[1]', 'application/json'],
      ['{}', undefined],
      ['5', undefined],
    ]);
    assert.equal((await run(['send', 'filter', 'in1', '--data', '@absent'])).code, 2);
    assert.equal((await run(['send', 'filter', 'in1', '--data', 'x', '--prop', 'novalue'])).code, 2);
  });

  it('send: ends with 1 when no route takes it, and when no route leads to the input', async () => {
    const dropped = await run(['send', 'sensor', 'nope', '--as-output', '--data', 'x']);
    assert.deepEqual([dropped.code, dropped.output], [1, '']);
    assert.match(dropped.errors, /no route took the message of sensor\/nope/);
    const unknown = await run(['send', 'filter', 'nope', '--data', 'x']);
    assert.match(unknown.errors, /\[EDGE_INPUT_UNKNOWN\]\n$/);
    assert.equal(unknown.code, 1);
  });

  it('twin: get, patch and set, with versions', async () => {
    assert.equal(await ok('twin', 'get', 'filter', '--path', 'desired.zones.1'), '"b"\n');
    assert.deepEqual(await okJson('twin', 'get', 'filter', '--path', 'desired.a.b.c'), 1);
    assert.equal(
      await ok('twin', 'patch', 'filter', '{"zones": null}'),
      'desired properties of filter are at version 2\n',
    );
    const piped = await run(['twin', 'set', 'filter', '-', '--json'], { input: '{"threshold": 5}' });
    assert.deepEqual(JSON.parse(piped.output), { version: 3 });
    assert.deepEqual(((await okJson('twin', 'get', 'filter')) as { desired: unknown }).desired, {
      threshold: 5,
      $version: 3,
    });
    const coloured = await run(['twin', 'get', 'filter'], { isTerminal: true });
    assert.ok(coloured.output.includes('\u001b[36m"threshold"\u001b[39m: \u001b[33m5\u001b[39m'));
    assert.equal((await run(['twin', 'get', 'filter', '--path', 'desired.nope'])).code, 1);
    assert.equal((await run(['twin', 'set', 'filter', '[]'])).code, 2);
    assert.equal((await run(['twin', 'set', 'filter', 'no json'])).code, 2);
    assert.match(
      (await run(['twin', 'get', 'fliter'])).errors,
      /no module 'fliter'; there are .+ \[EDGE_MODULE_UNKNOWN\]/,
    );
  });

  it('method call: prints the payload; ends with 1 for a status of 400 and above', async () => {
    assert.equal(await ok('method', 'call', '$edgeAgent', 'ping'), 'null\n');
    assert.deepEqual(await okJson('method', 'call', '$edgeAgent', 'ping', '--payload', '{}', '--timeout', '10'), {
      status: 200,
      payload: null,
    });
    const failed = await run(['method', 'call', '$edgeAgent', 'dance']);
    assert.equal(failed.code, 1);
    assert.equal(failed.errors, 'status 400\n');
    assert.match(failed.output, /"message": "Command 'dance' not found/);
    const absent = await run(['method', 'call', 'filter', 'x']);
    assert.deepEqual([absent.code, absent.output], [1, '']);
    assert.match(absent.errors, /\[EDGE_METHOD_NOT_CONNECTED\]/);
    assert.equal((await run(['method', 'call', 'filter', 'x', '--timeout', 'soon'])).code, 2);
  });

  it('logs: under the modules’ names, made harmless, or as JSON', async () => {
    assert.equal(await ok('logs', 'sensor'), '<4> \\u001b[2Jcareful\nfine\n');
    assert.equal(await ok('logs', '--tail', '1'), 'sensor   fine\n');
    assert.match(await ok('logs', 'sensor', '--tail', '1', '-t'), /^\d{4}-\d\d-\d\dT[\d:.]+Z fine\n$/);
    const { module, stream, text: line } = JSON.parse(await ok('logs', 'sensor', '--tail', '1', '--json'));
    assert.deepEqual([module, stream, line], ['sensor', 'stdout', 'fine']);
    assert.ok((await run(['logs', 'sensor'], { isTerminal: true })).output.startsWith('\u001b[33m<4> '));
    assert.match((await run(['logs', 'nope'])).errors, /\[EDGE_MODULE_UNKNOWN\]/);
    assert.match((await run(['logs', '--since', 'once'])).errors, /\[EDGE_LOG_QUERY_INVALID\]/);
  });

  it('logs --follow: goes on until the edge stops', async () => {
    const listeners = edge.events.listenerCount('log');
    const following = run(['logs', '--follow', '--tail', '0']);
    await edge.waitFor(() => edge.events.listenerCount('log') > listeners);
    edge.events.emit('warning', { message: 'something', details: {} });
    await edge.stop();
    const { code, output, errors } = await following;
    assert.match(output, /\$edgeHub <4> .+ something /);
    assert.deepEqual([code, errors], [0, 'the edge has stopped\n']);
  });

  it('offline, restart, stop', async () => {
    assert.equal(await ok('offline', 'on'), 'offline: messages for $upstream wait\n');
    assert.equal(edge.offline, true);
    assert.deepEqual(await okJson('offline', 'off'), { isOffline: false });
    assert.equal(edge.offline, false);
    assert.equal((await run(['offline', 'maybe'])).code, 2);
    assert.equal(await ok('restart', 'sensor'), 'sensor restarted\n');
    assert.equal((await run(['restart', 'nope'])).code, 1);
    assert.equal(await ok('stop'), 'stopped\n');
    const { code, errors } = await run(['status']);
    assert.equal(code, 1);
    assert.equal(
      errors,
      `error: no edge runs in ${join(dir, '.edgeveil', 'run')}; start one with edgeveil run, or name its folder with --state [EDGE_NOT_RUNNING]\n`,
    );
  });

  it('modulecred: as NAME=value, for a shell, or as JSON', async () => {
    const credentials = edge.credentials('filter');
    const { EdgeHubConnectionString, EdgeModuleCACertificateFile } = credentials;
    assert.equal(
      await ok('modulecred', 'filter'),
      `EdgeHubConnectionString=${EdgeHubConnectionString}\nEdgeModuleCACertificateFile=${EdgeModuleCACertificateFile}\n`,
    );
    assert.ok(
      (await ok('modulecred', 'filter', '--shell')).startsWith(
        `export EdgeHubConnectionString='${EdgeHubConnectionString}'\n`,
      ),
    );
    assert.deepEqual(await okJson('modulecred', 'filter'), credentials);
    assert.match((await run(['modulecred', 'other'])).errors, /^note: the deployment has no module 'other'/);
    assert.match((await run(['modulecred', 'sensor'])).errors, /^note: the edge runs 'sensor' itself/);
  });

  it('--state names another edge', async () => {
    const other = await startLocalEdge({
      manifest,
      stateDir: join(dir, 'other'),
      only: [],
      deviceId: 'other',
      control: true,
    });
    try {
      assert.match(await ok('status', '--state', '../../other'), /^other at /);
      assert.match(await ok('status'), /^edge at /);
    } finally {
      await other.stop();
    }
  });

  describe('completion', () => {
    const completed = async (...words: string[]) =>
      (await ok('__complete', '--', ...words)).split('\n').flatMap((line) => line.split('\t')[0] || []);

    it('knows commands, options and choices', async () => {
      const commands = await completed('');
      for (const name of ['run', 'monitor', 'twin', 'completion']) assert.ok(commands.includes(name), name);
      assert.ok(!commands.includes('__complete'));
      assert.deepEqual(await completed('mon'), ['monitor']);
      assert.deepEqual(await completed('twin', ''), ['get', 'set', 'patch']);
      assert.deepEqual(await completed('offline', 'o'), ['on', 'off']);
      assert.deepEqual(await completed('redact', '--method', ''), ['pixelate', 'blur', 'solid']);
      assert.deepEqual(await completed('monitor', '--r'), ['--route']);
      assert.deepEqual(await completed('send', 'filter', 'in1', '--data', ''), [':files']);
      assert.deepEqual(await completed('status', '--state', ''), [':dirs']);
    });

    it('knows modules, inputs, outputs and routes of the running edge', async () => {
      assert.deepEqual(await completed('restart', ''), ['sensor', 'filter']);
      assert.deepEqual(await completed('restart', 'sensor', 'f'), ['filter']);
      assert.deepEqual(await completed('send', 'filter', ''), ['in1']);
      assert.deepEqual(await completed('send', '--as-output', 'sensor', ''), ['out']);
      assert.deepEqual(await completed('monitor', '--route', ''), ['toFilter', 'up']);
      assert.deepEqual(await completed('monitor', '--route', '=', 't'), ['toFilter']);
      assert.deepEqual(await completed('twin', 'get', '$'), ['$edgeAgent', '$edgeHub']);
      assert.deepEqual(await completed('method', 'call', '$edgeAgent', 'p'), ['ping']);
    });

    it('is silent when no edge runs', async () => {
      assert.deepEqual(await completed('restart', '--state', join(dir, 'nowhere'), ''), []);
      assert.deepEqual(await completed('nonsense', '--', '-x', ''), []);
    });

    for (const shell of ['bash', 'zsh', 'fish']) {
      it(`has a script for ${shell}`, async () => {
        assert.match(await ok('completion', shell), /__complete -- /);
      });
    }
  });
});

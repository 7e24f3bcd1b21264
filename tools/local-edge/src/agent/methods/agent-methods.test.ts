import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ModuleClient } from 'azure-iot-device';
import type { LogLine } from '../../events.ts';
import type { LocalEdge } from '../../local-edge.ts';
import { startLocalEdge } from '../../start-local-edge.ts';
import { manifestOf } from '../../testing/manifest.ts';
import { sdkModule } from '../../testing/sdk-module.test.ts';

const program = (name: string) => `
  console.log('<6> 2026-01-02 03:04:05.678 +01:00 [${name}] hello');
  console.error('<3> 2026-01-02 03:04:06.000 +00:00 [${name}] trouble 1');
  console.log('no form at all');
  console.error('<3> 2026-01-02 03:04:07.000 +00:00 [${name}] trouble 2');
  setInterval(() => {}, 1000);
`;
const bulky = `for (let n = 0; n < 2000; n += 1) console.log('x'.repeat(100)); console.log('end'); setInterval(() => {}, 1000);`;

describe('the direct methods of $edgeAgent', () => {
  let dir: string;
  let edge: LocalEdge;
  let warnings: string[];
  const lines: LogLine[] = [];

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    warnings = [];
    edge = await startLocalEdge({
      manifest: manifestOf({ modules: { one: {}, two: {}, bulky: {}, off: { status: 'stopped' }, byhand: {} } }),
      stateDir: join(dir, 'state'),
      only: ['one', 'two', 'bulky', 'off'],
      moduleOverrides: {
        '*': { command: process.execPath },
        ...Object.fromEntries(
          ['one', 'two', 'off'].map((name) => [name, { command: process.execPath, args: ['-e', program(name)] }]),
        ),
        bulky: { command: process.execPath, args: ['-e', bulky] },
      },
      onLog: (line) => lines.push(line),
      onWarning: ({ message, details }) => warnings.push(`${message}: ${String(details.reason)}`),
    });
    const count = (module: string) => lines.filter((line) => line.module === module).length;
    await edge.waitFor(() => count('one') === 4 && count('two') === 4 && count('bulky') === 2001);
  });

  after(async () => {
    await edge?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const call = (methodName: string, payload?: unknown) => edge.invokeMethod('$edgeAgent', { methodName, payload });
  const logs = async (request: object) => {
    const { status, payload } = await call('GetModuleLogs', { schemaVersion: '1.0', ...request });
    assert.equal(status, 200, JSON.stringify(payload));
    return payload as { id: string; payload: string; payloadBytes: string }[];
  };
  const problem = async (methodName: string, payload?: unknown) => {
    const result = await call(methodName, payload);
    return [result.status, (result.payload as { message: string }).message] as const;
  };

  it('answer to ping, in any case and with anything', async () => {
    for (const [name, payload] of [
      ['ping', undefined],
      ['PING', { x: 1 }],
      ['Ping', 'text'],
    ] as const) {
      assert.deepEqual(await call(name, payload), { status: 200, payload: null });
    }
  });

  it('name the methods that there are to one who calls another', async () => {
    assert.deepEqual(await problem('Reboot', {}), [
      400,
      "Command 'Reboot' not found. The supported commands are - ping,RestartModule,GetModuleLogs,UploadModuleLogs,UploadSupportBundle,GetTaskStatus",
    ]);
  });

  it('refuse requests that are missing, malformed or of another version', async () => {
    for (const name of ['RestartModule', 'GetModuleLogs', 'UploadModuleLogs', 'UploadSupportBundle', 'GetTaskStatus']) {
      assert.deepEqual(await problem(name), [400, 'Request payload not found']);
      const [status, message] = await problem(name, 'text');
      assert.equal(status, 400);
      assert.match(message, /^Error parsing command payload because of error - /);
      assert.equal((await problem(name, {}))[0], 400);
    }
    const request = { id: 'one' };
    assert.match((await problem('RestartModule', request))[1], /schemaVersion/);
    assert.deepEqual(await problem('RestartModule', { schemaVersion: '2.0', ...request }), [
      500,
      'The request schema version 2.0 is not compatible with the expected version 1.0',
    ]);
    assert.equal((await problem('RestartModule', { schemaVersion: 'one', ...request }))[0], 500);
  });

  it('restart a module that runs, and say of another why not', async () => {
    const before = edge.modules().find(({ module }) => module === 'two')?.pid;
    assert.deepEqual(await call('restartmodule', { SchemaVersion: '1.0', ID: 'two' }), { status: 200, payload: null });
    const after = edge.modules().find(({ module }) => module === 'two')?.pid;
    assert.ok(after !== undefined && after !== before);
    const restart = (id: string) => problem('RestartModule', { schemaVersion: '1.0', id });
    assert.deepEqual(await restart('none'), [500, 'Module none not found in the current environment']);
    assert.deepEqual(await restart('off'), [500, 'Module off cannot be restarted since it is not running']);
    assert.equal((await restart('edgeHub'))[0], 500);
  });

  it('give the logs of the modules that an expression matches, as JSON entries', async () => {
    const [answer, ...others] = await logs({ items: [{ id: '^ONE$' }] });
    assert.deepEqual(others, []);
    assert.equal(answer?.id, 'one');
    const entries = JSON.parse(answer?.payload ?? '') as Record<string, unknown>[];
    // Two streams come in the order in which they are read.
    const [hello] = entries.filter(({ text }) => text === '[one] hello');
    assert.deepEqual(hello, {
      iothub: 'local.azure-devices.net',
      device: 'edge',
      id: 'one',
      stream: 'stdout',
      loglevel: 6,
      text: '[one] hello',
      timestamp: '2026-01-02T02:04:05.678Z',
    });
    const [plain] = entries.filter(({ text }) => text === 'no form at all');
    assert.equal(plain?.loglevel, 6);
    assert.ok(Math.abs(Date.parse(String(plain?.timestamp)) - Date.now()) < 600_000);
    assert.equal(entries.filter(({ stream, loglevel }) => stream === 'stderr' && loglevel === 3).length, 2);
  });

  it('give text, filtered by level, expression, count and time', async () => {
    const text = async (filter: object) => {
      const [answer] = await logs({ items: { id: 'one', filter }, contentType: 'text' });
      return answer?.payload.split('\n').slice(0, -1);
    };
    const troubles = [1, 2].map((n) => `<3> 2026-01-02 03:04:0${5 + n}.000 +00:00 [one] trouble ${n}`);
    assert.equal((await text({}))?.length, 4);
    assert.deepEqual(await text({ loglevel: 3 }), troubles);
    assert.deepEqual(await text({ regex: 'trouble' }), troubles);
    assert.deepEqual(await text({ regex: '^\\[one\\] trouble 2$' }), troubles.slice(1));
    assert.deepEqual(await text({ tail: 1, loglevel: 3 }), troubles.slice(1));
    assert.deepEqual(await text({ tail: 0 }), []);
    assert.equal((await text({ since: '10 minutes' }))?.length, 4);
    assert.deepEqual(await text({ until: '1h' }), []);
    assert.deepEqual(await text({ since: Math.floor(Date.now() / 1000) + 3600 }), []);
    assert.equal((await text({ since: '2020-01-01T00:00:00Z', until: '2100-01-01T00:00:00Z' }))?.length, 4);
  });

  it('give packed logs as bytes, and only those that exist', async () => {
    const [answer] = await logs({ items: [{ id: 'one' }], encoding: 'gzip', contentType: 'text' });
    assert.match(gunzipSync(Buffer.from(answer?.payloadBytes ?? '', 'base64')).toString(), /\[one\] hello\n/);
    assert.deepEqual(await logs({ items: [{ id: 'nobody' }] }), []);
    const all = await logs({ items: [{ id: 'one' }, { id: 'all', filter: { tail: 1 } }], contentType: 'text' });
    assert.deepEqual(all.map(({ id }) => id).sort(), ['bulky', 'edgeAgent', 'edgeHub', 'off', 'one', 'two']);
    assert.equal(
      all.find(({ id }) => id === 'one')?.payload.split('\n').length,
      5,
      'the first item that matches counts',
    );
  });

  it('give what the agent itself did', async () => {
    const [answer] = await logs({ items: { id: '^edgeAgent$', filter: { regex: 'module one' } }, contentType: 'text' });
    assert.match(answer?.payload ?? '', /^<6> .* \[edgeAgent\] module one is running \(running, process \d+\)\n$/);
  });

  it('refuse more than a direct method carries, unless it is packed small enough', async () => {
    const request = { schemaVersion: '1.0', items: [{ id: 'bulky' }], contentType: 'text' };
    const [status, message] = await problem('GetModuleLogs', request);
    assert.equal(status, 400);
    assert.match(message, /127000 bytes/);
    assert.equal((await call('GetModuleLogs', { ...request, encoding: 'gzip' })).status, 200);
    assert.equal(
      (await call('GetModuleLogs', { ...request, items: { id: 'bulky', filter: { tail: 10 } } })).status,
      200,
    );
  });

  it('refuse expressions and times that are none', async () => {
    const items = (item: object) => ({ schemaVersion: '1.0', items: [item] });
    for (const item of [
      { id: '(' },
      { id: 'one', filter: { regex: '[' } },
      { id: 'one', filter: { since: 'yesterday' } },
      { id: 'one', filter: { tail: 'many' } },
      { filter: {} },
    ]) {
      assert.equal((await problem('GetModuleLogs', items(item)))[0], 400, JSON.stringify(item));
    }
    assert.equal((await problem('GetModuleLogs', { ...items({ id: 'one' }), encoding: 'zip' }))[0], 400);
  });

  it('know nothing of a task that never was', async () => {
    assert.deepEqual((await call('GetTaskStatus', { schemaVersion: '1.0', correlationId: 'x' })).payload, {
      status: 'Unknown',
      message: '',
      correlationId: 'x',
    });
  });

  it('give the same answers to another module over HTTPS', async function () {
    const reason = warnings.find((warning) => warning.includes('methods of other modules'));
    if (reason !== undefined) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    const client: ModuleClient = await sdkModule(edge, 'byhand');
    await client.open();
    try {
      const invoke = (methodName: string, payload: unknown) =>
        client.invokeMethod('edge', '$edgeAgent', {
          methodName,
          payload,
          connectTimeoutInSeconds: 0,
          responseTimeoutInSeconds: 10,
        });
      assert.deepEqual(await invoke('ping', {}), { status: 200, payload: null });
      const unknown = await call('Reboot', {});
      assert.deepEqual(await invoke('Reboot', {}), unknown);
      const request = { schemaVersion: '1.0', items: [{ id: 'one', filter: { regex: 'trouble' } }] };
      assert.deepEqual(await invoke('GetModuleLogs', request), await call('GetModuleLogs', request));
    } finally {
      await client.close();
    }
  }).timeout(30_000);

  it('let a caller of the library read the same logs', async () => {
    const read = await edge.moduleLogs('one', { logLevel: 3, tail: 1 });
    assert.deepEqual(
      read.map(({ module, stream, text }) => [module, stream, text.slice(-9)]),
      [['one', 'stderr', 'trouble 2']],
    );
    await assert.rejects(edge.moduleLogs('../edge'), /no module/);
  });
});

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogLine } from '../events.ts';
import type { LocalEdge } from '../local-edge.ts';
import type { LocalEdgeOptions } from '../options.ts';
import { startLocalEdge } from '../start-local-edge.ts';
import { manifestOf } from '../testing/manifest.ts';

// As the templates for real devices write a module: CommonJS, callbacks, azure-iot-device and nothing else.
const plainModule = `
'use strict';
const Transport = require('azure-iot-device-mqtt').Mqtt;
const { ModuleClient: Client, Message } = require('azure-iot-device');

Client.fromEnvironment(Transport, function (err, client) {
  if (err) throw err;
  client.on('error', function (err) { throw err; });
  client.on('inputMessage', function (inputName, msg) { pipeMessage(client, inputName, msg); });
  client.open(function (err) {
    if (err) throw err;
    client.onMethod('ping', function (request, response) {
      response.send(200, { pong: request.payload }, function (err) { if (err) throw err; });
    });
    client.getTwin(function (err, twin) {
      if (err) throw err;
      twin.properties.reported.update({ threshold: twin.properties.desired.threshold }, function (err) {
        if (err) throw err;
        console.log('IoT Hub module client initialized');
      });
    });
  });
});

function pipeMessage(client, inputName, msg) {
  client.complete(msg, function (err) { if (err) throw err; });
  if (inputName !== 'input1') return;
  const outputMsg = new Message('piped ' + msg.getBytes().toString('utf8'));
  client.sendOutputEvent('output1', outputMsg, function (err) { if (err) throw err; });
}
`;
const nodePath = join(createRequire(import.meta.url).resolve('azure-iot-device/package.json'), '..', '..');

describe('a module written for the real runtime', () => {
  let dir: string;
  let main: string;
  let edge: LocalEdge | undefined;
  let byHand: ChildProcess | undefined;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    main = join(dir, 'app.js');
    await writeFile(main, plainModule);
  });

  afterEach(async () => {
    if (byHand !== undefined && byHand.exitCode === null) {
      byHand.kill();
      await once(byHand, 'exit');
    }
    byHand = undefined;
    await edge?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function start(options: Partial<LocalEdgeOptions>): Promise<LocalEdge> {
    edge = await startLocalEdge({
      manifest: manifestOf({
        modules: { plain: { env: { NODE_PATH: { value: nodePath } } }, source: {} },
        twins: { plain: { threshold: 25 } },
        routes: {
          in: 'FROM /messages/modules/source/* INTO BrokeredEndpoint("/modules/plain/inputs/input1")',
          up: 'FROM /messages/modules/plain/outputs/* INTO $upstream',
        },
      }),
      stateDir: join(dir, 'state'),
      environment: { PATH: process.env.PATH },
      moduleOverrides: { plain: { command: process.execPath, args: [main] } },
      ...options,
    });
    return edge;
  }

  async function works(edge: LocalEdge): Promise<void> {
    await edge.waitFor(() => edge.reported('plain').threshold === 25);
    await edge.sendAs('source', 'o', { body: 'message' });
    await edge.waitFor(() => edge.upstream.count === 1);
    const [message] = edge.upstream.messages();
    assert.equal(message?.body.toString(), 'piped message');
    assert.equal(message?.systemProperties.get('outputName'), 'output1');
    const call = { methodName: 'ping', payload: 1, connectTimeoutSecs: 30 };
    assert.deepEqual(await edge.invokeMethod('plain', call), { status: 200, payload: { pong: 1 } });
  }

  it('runs unmodified, started by the agent: through the workload API', async () => {
    const lines: LogLine[] = [];
    await works(await start({ only: ['plain'], onLog: (line) => lines.push(line) }));
    assert.deepEqual(
      lines.filter(({ module, stream }) => module === 'plain' && stream === 'stderr').map(({ text }) => text),
      [],
    );
  });

  it('runs unmodified, started by hand: with a connection string and a CA file', async () => {
    const edge = await start({ only: [] });
    byHand = spawn(process.execPath, [main], {
      env: { PATH: process.env.PATH, NODE_PATH: nodePath, ...edge.credentials('plain') },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await works(edge);
  });
});

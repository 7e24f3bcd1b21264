import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LocalEdge } from '../local-edge.ts';
import { startLocalEdge } from '../start-local-edge.ts';
import { manifestOf } from '../testing/manifest.ts';

const run = promisify(execFile);

// A module in another language: no Azure SDK, only MQTT, TLS and a token.
describe('mosquitto as a module', () => {
  let dir: string;
  let edge: LocalEdge;

  before(async function () {
    const missing = ['mosquitto_pub', 'mosquitto_sub', 'mosquitto_rr'].filter(
      (program) => spawnSync(program, ['--help']).error !== undefined,
    );
    if (missing.length > 0) {
      console.log(`      skipped: there is no ${missing.join(', ')} here (package mosquitto-clients)`);
      this.skip();
    }
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    edge = await startLocalEdge({
      manifest: manifestOf({
        modules: { m: {}, other: {} },
        twins: { m: { interval: 5 } },
        routes: {
          up: "FROM /messages/modules/m/outputs/out WHERE level = 'high' AND $body.t > 30 INTO $upstream",
          in: 'FROM /messages/modules/other/* INTO BrokeredEndpoint("/modules/m/inputs/in1")',
        },
      }),
      stateDir: join(dir, 'state'),
      only: [],
    });
  });

  after(async () => {
    await edge?.stop();
    if (dir !== undefined) await rm(dir, { recursive: true, force: true });
  });

  async function mosquitto(program: string, args: readonly string[], module = 'm'): Promise<string> {
    const { host, port, clientId, username, password, caFile } = edge.mqttLogin(module);
    const login = ['-h', host, '-p', String(port), '--cafile', caFile, '-i', clientId, '-u', username, '-P', password];
    const { stdout } = await run(`mosquitto_${program}`, [...login, '-V', 'mqttv311', ...args], { timeout: 15_000 });
    return stdout.trim();
  }

  it('sends to an output, for routes to ask about', async () => {
    const bag = '%24.on=out&%24.ct=application%2Fjson&%24.ce=utf-8&level=high';
    const topic = `devices/edge/modules/m/messages/events/${bag}/`;
    await mosquitto('pub', ['-q', '1', '-t', topic, '-m', '{"t":31}']);
    await mosquitto('pub', ['-q', '1', '-t', topic, '-m', '{"t":29}']);
    const [message, ...rest] = edge.upstream.messages();
    assert.equal(rest.length, 0);
    assert.equal(message?.body.toString(), '{"t":31}');
    assert.equal(message?.systemProperties.get('connectionModuleId'), 'm');
    assert.equal(message?.systemProperties.get('outputName'), 'out');
    assert.equal(message?.properties.get('level'), 'high');
  });

  it('receives from its inputs, with the sender in the topic', async () => {
    await edge.sendAs('other', 'o', { body: 'hello', properties: { 'a b': 'ü/' } });
    const filter = 'devices/edge/modules/m/inputs/#';
    const received = await mosquitto('sub', ['-q', '1', '-C', '1', '-t', filter, '-F', '%q %t %p']);
    const properties = 'a%20b=%C3%BC%2F&%24.cdid=edge&%24.cmid=other';
    assert.equal(received, `1 devices/edge/modules/m/inputs/in1/${properties} hello`);
    await edge.waitFor(() => edge.clients().length === 0);
  });

  it('gets its twin and reports', async () => {
    // It takes no wildcard for the replies, so it has to know their status beforehand.
    const ask = (topic: string, status: number, body: string) => {
      const reply = `$iothub/twin/res/${status}/?$rid=1`;
      return mosquitto('rr', ['-t', `${topic}/?$rid=1`, '-e', reply, '-m', body, '-F', '%t %p']);
    };
    const reported = await ask('$iothub/twin/PATCH/properties/reported', 204, '{"state":"on"}');
    assert.equal(reported, '$iothub/twin/res/204/?$rid=1');
    assert.equal(
      await ask('$iothub/twin/GET', 200, ' '),
      '$iothub/twin/res/200/?$rid=1 {"desired":{"interval":5,"$version":1},"reported":{"state":"on","$version":2}}',
    );
  });

  it('leaves a last will, which is routed when it dies and not when it goes', async () => {
    const { host, port, clientId, username, password, caFile } = edge.mqttLogin('m');
    const before = edge.upstream.count;
    const topic =
      'devices/edge/modules/m/messages/events/%24.on=out&%24.ct=application%2Fjson&%24.ce=utf-8&level=high/';
    const login = ['-h', host, '-p', String(port), '--cafile', caFile, '-i', clientId, '-u', username, '-P', password];
    const will = ['--will-topic', topic, '--will-qos', '1', '--will-payload', '{"t":99}'];
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const subscriber = spawn('mosquitto_sub', [...login, '-V', 'mqttv311', ...will, '-t', 'x'], { stdio: 'ignore' });
      await edge.waitFor(() => edge.clients().includes(clientId));
      subscriber.kill(signal);
      await edge.waitFor(() => edge.clients().length === 0);
    }
    await edge.waitFor(() => edge.upstream.count === before + 1);
  });

  it('is turned away when its token is not its own', async () => {
    const { host, caFile, clientId, username } = edge.mqttLogin('m');
    const { password } = edge.mqttLogin('other');
    const login = ['-h', host, '-p', '8883', '--cafile', caFile, '-i', clientId, '-u', username, '-P', password];
    await assert.rejects(run('mosquitto_pub', [...login, '-q', '1', '-t', 'x', '-m', 'x'], { timeout: 15_000 }), {
      code: 5,
    });
  });
});

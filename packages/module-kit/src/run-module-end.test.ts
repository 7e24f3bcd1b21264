import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ConfigError, InternalError } from '@edgeveil/contracts';
import { FakeProcess } from './testing/fake-process.ts';
import { ModuleBench, recordModule, toyEvent } from './testing/module-bench.ts';

describe('runModule: start and end', () => {
  let bench: ModuleBench;

  beforeEach(async () => {
    bench = await ModuleBench.open();
  });
  afterEach(() => bench.close());

  it('starts with the twin of the hub, reports it, and ends cleanly on SIGTERM', async () => {
    const toy = recordModule();
    void bench.run(toy.definition);
    await bench.untilTwin('applied', 1);
    assert.deepEqual(toy.applied, [{ logLevel: 'info', pace: 1 }]);
    assert.equal((await bench.get('/readyz')).status, 200);
    bench.process.emit('SIGTERM');
    await bench.running;
    assert.deepEqual(toy.steps, ['start', 'drain', 'close']);
    assert.equal(bench.process.exitCode, 0);
    assert.equal(bench.process.listenerCount('SIGTERM'), 0);
  });

  it('does not wait for a hub that is away when it stops', async () => {
    const toy = recordModule();
    void bench.run(toy.definition);
    await bench.untilTwin('applied', 1);
    bench.hub.isReachable = false;
    bench.hub.drop();
    const send = toy.context?.output('events').send(toyEvent('A'));
    bench.process.emit('SIGTERM');
    await assert.rejects(async () => send, { code: 'OUTPUT_STOPPED' });
    await bench.running;
    assert.equal(bench.process.exitCode, 0);
  });

  it('ends by force, naming what is open, when the module does not close', async () => {
    const hang = Promise.withResolvers<void>();
    const toy = recordModule({ close: () => hang.promise });
    void bench.run(toy.definition, { graceMs: 50 });
    await bench.untilTwin('applied', 1);
    bench.process.emit('SIGTERM');
    assert.equal(await bench.process.exited, 1);
    assert.match(bench.process.lines.join(''), /not stopped in time \{"open":\["http","hub",.*"module"\]/);
    hang.resolve();
    await bench.running;
  });

  it('ends at once on a second signal', async () => {
    const hang = Promise.withResolvers<void>();
    void bench.run(recordModule({ drain: () => hang.promise }).definition);
    await bench.untilTwin('applied', 1);
    bench.process.emit('SIGINT');
    bench.process.emit('SIGTERM');
    assert.equal(await bench.process.exited, 1);
    hang.resolve();
    await bench.running;
  });

  it('closes what it can and ends with exit code 1 on a bug in a handler', async () => {
    const toy = recordModule({
      inputs: { events: { capacity: 1, handle: () => Promise.reject(new InternalError('BUG', 'a bug')) } },
    });
    void bench.run(toy.definition);
    await bench.untilTwin('applied', 1);
    bench.hub.deliver('events', { events: [toyEvent('A')] });
    await bench.running;
    assert.deepEqual(toy.steps, ['start', 'drain', 'close']);
    assert.equal(bench.process.exitCode, 1);
    assert.match(bench.process.lines.join(''), /<3> .* \[toy\] crashed .*"code":"BUG".*"stack"/);
  });

  it('ends with exit code 1 on an error that nobody caught', async () => {
    const toy = recordModule();
    void bench.run(toy.definition);
    await bench.untilTwin('applied', 1);
    bench.process.emit('unhandledRejection', new TypeError('lost'));
    await bench.running;
    assert.deepEqual(toy.steps, ['start', 'drain', 'close']);
    assert.equal(bench.process.exitCode, 1);
  });

  it('closes the other parts when one fails to close, and says which', async () => {
    void bench.run(recordModule({ close: () => Promise.reject(new Error('stuck')) }).definition);
    await bench.untilTwin('applied', 1);
    bench.process.emit('SIGTERM');
    await bench.running;
    assert.equal(bench.process.exitCode, 1);
    assert.match(bench.process.lines.join(''), /not closed cleanly \{"part":"module"/);
    assert.match(bench.process.lines.at(-1) ?? '', /stopped/);
  });

  it('names the port that is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    bench.process = new FakeProcess({ ...bench.process.env, EDGEVEIL_HTTP_PORT: String(port) });
    await bench.run(recordModule().definition);
    assert.equal(bench.process.exitCode, 1);
    assert.match(bench.process.lines.join(''), new RegExp(`HTTP_LISTEN_FAILED.*127.0.0.1:${port}`));
    taken.close();
  });

  it('names each variable that is missing from the environment', async () => {
    bench.process = new FakeProcess({ EDGEVEIL_STATE_DIR: bench.stateDir, IOTEDGE_DEVICEID: 'd' });
    await bench.run(recordModule().definition);
    assert.equal(bench.process.exitCode, 1);
    assert.match(bench.process.lines.join(''), /IDENTITY_MISSING.*IOTEDGE_WORKLOADURI, IOTEDGE_MODULEID/);
  });

  it('says when it cannot write to its state folder', async () => {
    await writeFile(join(bench.stateDir, 'file'), '');
    bench.process = new FakeProcess({
      ...bench.process.env,
      EDGEVEIL_STATE_DIR: join(bench.stateDir, 'file', 'state'),
    });
    await bench.run(recordModule().definition);
    assert.equal(bench.process.exitCode, 1);
    assert.match(bench.process.lines.join(''), /STATE_DIR_UNUSABLE/);
  });

  it('ends with exit code 1 when the module cannot start with any twin', async () => {
    const toy = recordModule({}, () => {
      throw new ConfigError('KEY_MISSING', 'no key');
    });
    await bench.run(toy.definition);
    assert.equal(bench.process.exitCode, 1);
    assert.match(bench.process.lines.join(''), /module failed .*KEY_MISSING/);
    assert.match(JSON.stringify(bench.twinReport), /refused.*KEY_MISSING/);
  });
});

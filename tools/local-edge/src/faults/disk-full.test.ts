import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LocalEdge } from '../local-edge.ts';
import { startLocalEdge } from '../start-local-edge.ts';
import { rawLogin } from '../testing/hub-process.ts';
import { receiveAll, sendAll } from '../testing/load.ts';
import { manifestOf } from '../testing/manifest.ts';
import type { RawMqtt } from '../testing/raw-mqtt.ts';

const run = promisify(execFile);
const diskBytes = 40_000_000;
const bodyBytes = 60_000;
// Twice what the disk holds.
const count = Math.ceil((2 * diskBytes) / bodyBytes);

describe('a hub on a disk that is full', function () {
  this.timeout(60_000);

  let dir: string;
  let edge: LocalEdge | undefined;
  let warnings: string[];
  const clients: RawMqtt[] = [];

  before(async function () {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-disk-'));
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', dir]);
    } catch {
      await rm(dir, { recursive: true });
      console.log('      skipped: a tmpfs cannot be mounted here, which takes root');
      this.skip();
    }
  });

  after(async () => {
    await run('umount', [dir]).catch(() => undefined);
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    warnings = [];
    const manifest = manifestOf({
      modules: { a: {}, b: {} },
      routes: { i: 'FROM /messages/* INTO BrokeredEndpoint("/modules/b/inputs/i")' },
    });
    const onWarning = ({ message }: { readonly message: string }) => void warnings.push(message);
    edge = await startLocalEdge({ manifest, stateDir: join(dir, 'state'), only: [], acceptAny: true, onWarning });
  });

  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy();
    await edge?.stop();
    edge = undefined;
    await rm(join(dir, 'state'), { recursive: true, force: true });
  });

  async function login(module: string): Promise<RawMqtt> {
    assert.ok(edge !== undefined);
    const client = await rawLogin(edge.address, join(dir, 'state'), module);
    clients.push(client);
    return client;
  }

  const textOf = (n: number) => String(n).padEnd(bodyBytes, '.');

  async function untilRefused(): Promise<void> {
    while (!warnings.includes('messages cannot be stored, senders wait')) await nextWarning();
  }

  async function untilAccepted(): Promise<void> {
    while (warnings.at(-1) !== 'messages can be stored again') await nextWarning();
  }

  async function nextWarning(): Promise<void> {
    assert.ok(edge !== undefined);
    await once(edge.events, 'warning');
  }

  it('lets senders wait, goes on by itself when its consumer makes room, and has lost nothing that it acknowledged', async () => {
    const consumer = await login('b');
    await consumer.subscribe('devices/edge/modules/b/inputs/#');
    consumer.socket.destroy();

    let acknowledged = 0;
    const texts = Array.from({ length: count }, (_, n) => textOf(n));
    const onAcknowledged = () => {
      acknowledged += 1;
    };
    const sending = sendAll(await login('a'), 'a', texts, { window: 16, onAcknowledged });
    await untilRefused();
    assert.ok(acknowledged > 0 && acknowledged < count, String(acknowledged));

    const numbers: number[] = [];
    const again = await login('b');
    const receiving = receiveAll(again, ({ text }) => {
      assert.equal(text.length, bodyBytes);
      numbers.push(Number.parseInt(text, 10));
      if (numbers.length === count) again.socket.destroy();
    });
    await Promise.all([sending, receiving]);
    assert.equal(acknowledged, count);
    assert.deepEqual(
      numbers,
      texts.map((_, n) => n),
    );
    await untilAccepted();
  });

  it('waits as well when others fill the disk, until they make room', async () => {
    const consumer = await login('b');
    await consumer.subscribe('devices/edge/modules/b/inputs/#');
    const numbers: number[] = [];
    const receiving = receiveAll(consumer, ({ text }) => {
      numbers.push(Number.parseInt(text, 10));
      if (numbers.length === 200) consumer.socket.destroy();
    });
    const filler = join(dir, 'filler');
    await writeFile(filler, Buffer.alloc(diskBytes)).catch(() => undefined);
    // Much in one piece, so that the log has to grow.
    const texts = Array.from({ length: 200 }, (_, n) => textOf(n));
    const sending = sendAll(await login('a'), 'a', texts, { window: 100 });
    await untilRefused();
    await rm(filler);
    await Promise.all([sending, receiving]);
    assert.deepEqual([...new Set(numbers)], [...numbers]);
    assert.equal(numbers.length, 200);
    await untilAccepted();
  });
});

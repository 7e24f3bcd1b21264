import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LineLog } from '../log-lines/line-log.ts';
import { RefusedMessages } from './refused-messages.ts';

const log = new LineLog({ scope: 'test', level: 'error', write: () => {} });

describe('RefusedMessages', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'refused-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('keeps body, properties and reason of the newest 100', async () => {
    const refused = new RefusedMessages(join(dir, 'refused'), log);
    for (let index = 0; index < 103; index += 1) {
      refused.add(
        { input: 'frames', body: Buffer.from(`${index}\xff`, 'latin1'), properties: { a: 'b' } },
        'not_json',
        {},
      );
      if (index % 10 === 0) await refused.close();
    }
    await refused.close();
    const names = (await readdir(join(dir, 'refused'))).sort();
    assert.equal(names.length, 100);
    const newest: unknown = JSON.parse(await readFile(join(dir, 'refused', names.at(-1) ?? ''), 'utf8'));
    const { at, ...rest } = newest as Record<string, unknown>;
    assert.equal(typeof at, 'string');
    assert.deepEqual(rest, {
      input: 'frames',
      reason: 'not_json',
      details: {},
      properties: { a: 'b' },
      body: Buffer.from('102\xff', 'latin1').toString('base64'),
    });
  });

  it('keeps only a sample of a flood', async () => {
    const refused = new RefusedMessages(join(dir, 'refused'), log);
    for (let index = 0; index < 1000; index += 1) {
      refused.add({ input: 'frames', body: Buffer.from('x'), properties: {} }, 'not_json', {});
    }
    await refused.close();
    assert.equal((await readdir(join(dir, 'refused'))).length, 16);
  });
});

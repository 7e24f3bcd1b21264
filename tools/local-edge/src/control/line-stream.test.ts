import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { LineStream } from './line-stream.ts';

describe('LineStream', () => {
  it('drops what a slow reader does not take, and tells how much that was', async () => {
    const lines = new LineStream();
    const big = 'x'.repeat(100_000);
    for (let n = 0; n < 30; n += 1) lines.write({ n, big });
    assert.ok(lines.readable.readableLength < 1_200_000, `${lines.readable.readableLength} bytes wait`);
    lines.end();
    const read = (await text(lines.readable)).trim().split('\n');
    const kept = read.map((line) => JSON.parse(line)).filter((line) => 'n' in line);
    const missed = read.map((line) => JSON.parse(line)).find((line) => 'missed' in line);
    assert.ok(kept.length > 5 && kept.length < 30);
    assert.deepEqual(missed, { missed: 30 - kept.length });
  });

  it('keeps all of what is there already', async () => {
    const lines = new LineStream();
    lines.writeAll(Array.from({ length: 30 }, () => 'x'.repeat(100_000)));
    lines.end();
    assert.equal((await text(lines.readable)).trim().split('\n').length, 30);
  });

  it('takes lines after its reader has gone', () => {
    const lines = new LineStream();
    lines.readable.destroy();
    lines.write({});
    lines.end();
  });
});

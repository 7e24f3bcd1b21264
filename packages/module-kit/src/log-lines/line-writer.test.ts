import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LineWriter } from './line-writer.ts';

describe('LineWriter', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'line-writer-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('writes all lines in order', async () => {
    const path = join(dir, 'log');
    const fd = openSync(path, 'w');
    const writer = new LineWriter(fd);
    const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}\n`);
    for (const line of lines) writer.write(line);
    await writer.flush();
    closeSync(fd);
    assert.equal(readFileSync(path, 'utf8'), lines.join(''));
  });

  it('does not block on a reader that has stalled, drops what exceeds its bound and says so', async () => {
    const path = join(dir, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, 'r+');
    const fd = openSync(path, 'w');
    const writer = new LineWriter(fd, { maxBufferedBytes: 150_000 });
    // More than the pipe holds: this write stays under way until somebody reads.
    const block = `${'x'.repeat(99_999)}\n`;
    writer.write(block);
    const lines = Array.from({ length: 2000 }, (_, index) => `${String(index).padStart(99, 'y')}\n`);
    for (const line of lines) writer.write(line);
    const cat = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'ignore'] });
    const chunks: Buffer[] = [];
    cat.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await writer.flush();
    closeSync(fd);
    closeSync(reader);
    await once(cat, 'close');
    const text = Buffer.concat(chunks).toString();
    const kept = [block, ...lines.slice(0, 1500)].join('');
    assert.equal(text.slice(0, kept.length), kept);
    assert.match(text.slice(kept.length), /^<4> .* \[log\] log lines dropped \{"lines":500\}\n$/);
  });

  it('gives up quietly when the reader is gone', async () => {
    const path = join(dir, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, 'r+');
    const fd = openSync(path, 'w');
    closeSync(reader);
    const writer = new LineWriter(fd);
    writer.write('into the void\n');
    await writer.flush();
    writer.write('again\n');
    await writer.flush();
    closeSync(fd);
  });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { frameSchema } from '@edgeveil/contracts';
import { TestBench, testJpeg } from './testing/test-bench.ts';

const WORKER = fileURLToPath(new URL('./testing/source-worker.ts', import.meta.url));

describe('a folder source that is killed', () => {
  let bench: TestBench;
  beforeEach(async () => {
    bench = await TestBench.open();
  });
  afterEach(() => bench.close());

  it('loses nothing and doubles nothing, whenever that is', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `${i}.jpg`);
    for (const [i, name] of names.entries()) {
      await bench.write(`dropped/${name}`, await testJpeg(i));
    }
    // The last round runs to its end.
    for (const enough of [1, 7, 10, 13, Number.POSITIVE_INFINITY]) {
      const child = spawn(process.execPath, [WORKER, bench.dir], { stdio: ['ignore', 'pipe', 'inherit'] });
      let announced = 0;
      for await (const _ of createInterface({ input: child.stdout })) {
        announced++;
        if (announced >= enough) {
          child.kill('SIGKILL');
        }
      }
      await (child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined);
      const left = await readdir(join(bench.sourcesDir, 'dropped'));
      const stored = (await bench.pending()).length;
      assert.ok(left.length + stored >= names.length, `${left.length} left, ${stored} stored`);
    }
    const stored: string[] = [];
    for (const id of await bench.pending()) {
      const item = await bench.store.read(id);
      stored.push(frameSchema.parse(item?.meta).name ?? '');
    }
    assert.deepEqual(stored.sort(), names.sort());
    assert.deepEqual(await bench.quarantined(), []);
  });
});

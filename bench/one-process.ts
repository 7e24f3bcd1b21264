import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OneProcessResult } from './one-process-child.ts';

/** The same work in one process: no messages, no stores, no upload. In a child of its own, so that its memory can be told. */
export async function benchOneProcess(scenes: readonly Buffer[]): Promise<OneProcessResult> {
  const dir = await mkdtemp(join(tmpdir(), 'edgeveil-bench-'));
  try {
    await Promise.all(scenes.map((jpeg, index) => writeFile(join(dir, `${index}.jpg`), jpeg)));
    const child = fork(new URL('./one-process-child.ts', import.meta.url), [dir]);
    const exited = once(child, 'exit');
    const [result] = (await Promise.race([once(child, 'message'), exited.then(() => [])])) as [OneProcessResult?];
    await exited;
    if (result === undefined) throw new Error('the one-process benchmark died');
    return result;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

import process from 'node:process';
import { FolderSource } from '../folder-source.ts';
import { TestBench } from './test-bench.ts';

/** One look of a folder source in a process of its own, for tests that kill it: prints the name of each file once it is announced. */
const [, , dir = ''] = process.argv;
const bench = await TestBench.reopen(dir);
const parts = bench.parts();
const take = parts.intake.take.bind(parts.intake);
parts.intake.take = async (capture) => {
  const frame = await take(capture);
  process.stdout.write(`${capture.name}\n`);
  return frame;
};
const source = new FolderSource(
  'gate',
  { type: 'folder', path: 'dropped', recursive: true, pollMs: 50, settleMs: 0, afterIngest: 'delete' },
  { ...parts, clock: Date.now },
);
await source.poll(new AbortController().signal);
await bench.store.close();

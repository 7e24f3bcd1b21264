import { readFile } from 'node:fs/promises';
import type { Measurement, Skipped, Task } from '../task.ts';

/** Does the task in the file that the command line names, and answers on the standard output. */
export async function answer(work: (task: Task) => Promise<Measurement | Skipped>): Promise<void> {
  const task: Task = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'));
  process.stdout.write(`${JSON.stringify(await work(task))}\n`);
}

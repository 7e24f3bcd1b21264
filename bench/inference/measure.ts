import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Contestant } from './contestants.ts';
import type { Measurement, Skipped, Task } from './task.ts';

const TIMEOUT_MS = 180_000;
/** As the images of the module have it, and as its main.ts sets it, from the second start on. */
const MODULE_ENVIRONMENT = {
  MALLOC_ARENA_MAX: '2',
  NODE_OPTIONS: '--max-semi-space-size=2',
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/edgeveil/bench', import.meta.url)),
};
/** Where Debian puts the interpreter that its packages are for; a user's own may have none of them. */
const PYTHON = '/usr/bin/python3';

/** Runs a contestant in a process of its own. One that fails is skipped with the first line of what it says. */
export async function measure(contestant: Contestant, task: Task): Promise<Measurement | Skipped> {
  const { file } = contestant;
  const [program, ...rest] = file.endsWith('.py') ? [PYTHON, file] : [process.execPath, file];
  // Not on the command line: the runtime matches a pattern on that, by recursion, and a long one exhausts a worker's stack.
  const taskFile = join(task.storeDir, 'task.json');
  await writeFile(taskFile, JSON.stringify(task));
  try {
    const { stdout } = await promisify(execFile)(program, [...rest, taskFile], {
      timeout: TIMEOUT_MS,
      env: { ...process.env, ...(contestant.key === 'module' ? MODULE_ENVIRONMENT : {}) },
      maxBuffer: 64 * 1024 * 1024,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  } catch (error) {
    return { skipped: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const lines = stderr.split('\n').filter((line) => /error|cannot|not found/i.test(line));
  return (lines.at(-1) ?? (error instanceof Error ? error.message : String(error))).trim().slice(0, 200);
}

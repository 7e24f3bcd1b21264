import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { processIdentity } from './process-identity.ts';
import { signalGroup } from './signal-group.ts';

const recordSchema = z.object({ pid: z.int().positive(), identity: z.string() });

/**
 * Remembers on disk which processes the agent has started, so that the next start can end those that a killed runtime left behind. A
 * process is only ended when it is provably the one of the record: same id and same start.
 */
export class ProcessRecord {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async put(name: string, pid: number): Promise<void> {
    const identity = await processIdentity(pid);
    if (identity === undefined) return;
    await mkdir(this.#dir, { recursive: true });
    // Whole or not at all, also when the runtime is killed in between.
    const whole = `${this.#path(name)}.new`;
    await writeFile(whole, JSON.stringify({ pid, identity }));
    await rename(whole, this.#path(name));
  }

  async remove(name: string): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  /** Ends what an earlier run left behind: SIGTERM to all, SIGKILL to what is still there after the grace time. @returns their names */
  async endStale(graceMs: number): Promise<string[]> {
    const names: string[] = [];
    const files = await readdir(this.#dir).catch(() => []);
    await Promise.all(
      files.map(async (file) => {
        const path = join(this.#dir, file);
        const record = await readRecord(path);
        if (record !== undefined && (await isAlive(record))) {
          names.push(file.replace(/\.json(?:\.new)?$/, ''));
          await end(record, graceMs);
        }
        await rm(path, { force: true });
      }),
    );
    return names;
  }

  #path(name: string): string {
    return join(this.#dir, `${encodeURIComponent(name)}.json`);
  }
}

type Record = z.infer<typeof recordSchema>;

async function readRecord(path: string): Promise<Record | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function isAlive({ pid, identity }: Record): Promise<boolean> {
  return (await processIdentity(pid)) === identity;
}

async function end(record: Record, graceMs: number): Promise<void> {
  signalGroup(record.pid, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (await isAlive(record)) {
    if (Date.now() > deadline) {
      signalGroup(record.pid, 'SIGKILL');
      return;
    }
    await delay(50);
  }
}

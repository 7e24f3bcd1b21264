import { readFile } from 'node:fs/promises';

/** Largest resident set that a process has had, in bytes (Linux; 0 elsewhere). */
export async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

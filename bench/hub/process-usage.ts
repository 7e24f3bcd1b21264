import { readFile } from 'node:fs/promises';

/** What a process has used so far. Linux only. */
export async function processUsage(pid: number): Promise<{ cpuMs: number; residentBytes: number; peakBytes: number }> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ]);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const kilobytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024;
  return {
    // Clock ticks of 10 ms.
    cpuMs: (Number(fields[11]) + Number(fields[12])) * 10,
    residentBytes: kilobytes('VmRSS'),
    peakBytes: kilobytes('VmHWM'),
  };
}

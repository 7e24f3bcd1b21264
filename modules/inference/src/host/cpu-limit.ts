import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/**
 * Processors that this process may use at once: those of its affinity, less what the container's cgroup allows, version 1
 * or 2, rounded up, at least 1. More threads than that only wait for each other's time slices.
 *
 * @param root where `/proc` and `/sys` are looked for
 * @param available processors by affinity
 */
export async function cpuLimit(root = '/', available: number = availableParallelism()): Promise<number> {
  const groups = await readLines(join(root, 'proc/self/cgroup'));
  const quotas: number[] = [];
  for (const line of groups) {
    const [id, controllers = '', path = ''] = line.split(':');
    // A limit holds for everything below it, so each group on the way up counts. In a container the path may be the
    // host's, and only its root is mounted.
    for (const group of ancestors(path)) {
      if (id === '0') {
        quotas.push(await quotaOfVersion2(join(root, 'sys/fs/cgroup', group)));
      } else if (controllers.split(',').includes('cpu')) {
        quotas.push(await quotaOfVersion1(join(root, 'sys/fs/cgroup', controllers, group)));
        quotas.push(await quotaOfVersion1(join(root, 'sys/fs/cgroup/cpu', group)));
      }
    }
  }
  return Math.max(1, Math.min(available, ...quotas.map(Math.ceil)));
}

function ancestors(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  return ['', ...parts.map((_, index) => parts.slice(0, index + 1).join('/'))];
}

async function quotaOfVersion2(dir: string): Promise<number> {
  const [line = ''] = await readLines(join(dir, 'cpu.max'));
  return ratio(...line.split(' '));
}

async function quotaOfVersion1(dir: string): Promise<number> {
  const [quota] = await readLines(join(dir, 'cpu.cfs_quota_us'));
  const [period] = await readLines(join(dir, 'cpu.cfs_period_us'));
  return ratio(quota, period);
}

/** Infinity for `max`, -1 and anything that is no number. */
function ratio(quota = '', period = ''): number {
  const value = Number(quota) / Number(period);
  return quota !== '' && Number.isFinite(value) && value > 0 ? value : Number.POSITIVE_INFINITY;
}

async function readLines(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

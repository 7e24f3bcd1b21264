import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cpuLimit } from './cpu-limit.ts';

describe('cpuLimit', () => {
  let root: string;
  const put = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), `${text}\n`);
    }
  };
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'edgeveil-cgroup-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('takes all processors where nothing limits them', async () => {
    assert.equal(await cpuLimit(root, 16), 16);
    await put({ 'proc/self/cgroup': '0::/', 'sys/fs/cgroup/cpu.max': 'max 100000' });
    assert.equal(await cpuLimit(root, 16), 16);
  });

  it('reads the quota of cgroup version 2, and rounds a part of a processor up', async () => {
    await put({ 'proc/self/cgroup': '0::/', 'sys/fs/cgroup/cpu.max': '250000 100000' });
    assert.equal(await cpuLimit(root, 16), 3);
    await put({ 'sys/fs/cgroup/cpu.max': '50000 100000' });
    assert.equal(await cpuLimit(root, 16), 1);
  });

  it('heeds the narrowest of all groups above', async () => {
    await put({
      'proc/self/cgroup': '0::/machine/docker-1.scope',
      'sys/fs/cgroup/machine/cpu.max': '200000 100000',
      'sys/fs/cgroup/machine/docker-1.scope/cpu.max': '800000 100000',
    });
    assert.equal(await cpuLimit(root, 16), 2);
  });

  it('reads the quota of cgroup version 1, mounted under either name', async () => {
    for (const dir of ['cpu,cpuacct', 'cpu']) {
      await rm(join(root, 'sys'), { recursive: true, force: true });
      await put({
        'proc/self/cgroup': '12:cpu,cpuacct:/docker/abc\n3:memory:/docker/abc',
        // In a container the group of the host's path is not there, only the mount's root.
        [`sys/fs/cgroup/${dir}/cpu.cfs_quota_us`]: '400000',
        [`sys/fs/cgroup/${dir}/cpu.cfs_period_us`]: '100000',
      });
      assert.equal(await cpuLimit(root, 16), 4, dir);
      await put({ [`sys/fs/cgroup/${dir}/cpu.cfs_quota_us`]: '-1' });
      assert.equal(await cpuLimit(root, 16), 16, dir);
    }
  });

  it('never says more than the affinity allows', async () => {
    await put({ 'proc/self/cgroup': '0::/', 'sys/fs/cgroup/cpu.max': '800000 100000' });
    assert.equal(await cpuLimit(root, 2), 2);
  });
});

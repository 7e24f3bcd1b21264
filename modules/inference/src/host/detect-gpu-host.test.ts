import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { detectGpuHost } from './detect-gpu-host.ts';
import { gpuAdvice, noGpuReason } from './gpu-advice.ts';

/** As nvidia-smi of a machine with these GPUs: `index, name, driver, memory, compute capability`. */
const smi = (cuda: string, driver: string, rows: readonly string[]): string => `#!/bin/sh
case "$1" in
--query*) printf '${rows.join('\\n')}\\n' ;;
*) echo "| NVIDIA-SMI ${driver}    Driver Version: ${driver}    CUDA Version: ${cuda} |" ;;
esac
`;

describe('detectGpuHost', () => {
  let root: string;
  const put = async (path: string, text = ''): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
    if (basename(path) === 'nvidia-smi') await chmod(join(root, path), 0o755);
  };
  const putLibcuda = async (dir: string, driver: string): Promise<void> => {
    await put(`${dir}/libcuda.so.${driver}`);
    await symlink(`libcuda.so.${driver}`, join(root, dir, 'libcuda.so.1'));
  };
  const advice = async (): Promise<string[]> =>
    gpuAdvice(await detectGpuHost({ root })).map(({ level, finding }) => `${level}: ${finding}`);

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'edgeveil-host-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('finds no GPU where there is none, and says how to bring one in', async () => {
    const host = await detectGpuHost({ root });
    assert.deepEqual([host.kind, host.devices, host.driver, host.cuda], ['none', [], undefined, undefined]);
    assert.match(noGpuReason(host) ?? '', /no GPU in reach/);
    assert.match(gpuAdvice(host)[0]?.remedy ?? '', /DeviceRequests.*Set-EflowVM/s);
  });

  it('knows a T4 with its driver, natively or by DDA', async () => {
    await put('dev/nvidia0');
    await put('dev/nvidiactl');
    await put(
      'proc/driver/nvidia/version',
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\nGCC version:  gcc\n',
    );
    await put('usr/bin/nvidia-smi', smi('12.2', '535.183.01', ['0, Tesla T4, 535.183.01, 15360, 7.5']));
    await putLibcuda('usr/lib/x86_64-linux-gnu', '535.183.01');
    for (const name of ['libcudart.so.12', 'libcudnn.so.9']) await put(`usr/local/cuda/lib64/${name}`);
    const host = await detectGpuHost({ root });
    assert.deepEqual([host.kind, host.driver, host.cuda], ['nvidia', '535.183.01', '12.2']);
    assert.deepEqual(host.devices, [
      { index: 0, name: 'Tesla T4', computeCapability: 7.5, architecture: 'Turing', memoryMiB: 15_360 },
    ]);
    assert.deepEqual(host.cudaLibraries, ['libcudart.so.12', 'libcudnn.so.9']);
    assert.deepEqual([noGpuReason(host), await advice()], [undefined, []]);
  });

  it('takes driver and CUDA from libcuda where nvidia-smi is missing', async () => {
    await put('dev/nvidia0');
    await putLibcuda('usr/lib/x86_64-linux-gnu', '515.48.07');
    const host = await detectGpuHost({ root });
    assert.deepEqual(
      [host.driver, host.cuda, host.libcuda],
      ['515.48.07', '11', '/usr/lib/x86_64-linux-gnu/libcuda.so.1'],
    );
    assert.ok((await advice()).includes('problem: driver 515.48.07 is too old for CUDA 12'));
  });

  it('knows GPU-PV, and what it lacks', async () => {
    await put('dev/dxg');
    assert.deepEqual(await advice(), [
      'problem: /dev/dxg is here, but the driver libraries of /usr/lib/wsl are not',
      'note: libcudart and libcudnn not found',
    ]);
    await put('usr/lib/wsl/lib/libdxcore.so');
    await putLibcuda('usr/lib/x86_64-linux-gnu', '550.54.14');
    assert.match((await advice())[0] ?? '', /libcuda is taken from \/usr\/lib\/x86_64-linux-gnu/);
    await put('usr/lib/wsl/lib/libcuda.so.1');
    await put('usr/lib/wsl/lib/nvidia-smi', smi('12.4', '551.61', ['0, NVIDIA GeForce RTX 3060, 551.61, 12288, 8.6']));
    const host = await detectGpuHost({ root });
    assert.deepEqual([host.kind, host.driver, host.devices[0]?.architecture], ['gpu-pv', '551.61', 'Ampere']);
    assert.deepEqual(await advice(), ['note: libcudart and libcudnn not found']);
  });

  it('says which GPUs the runtime has no build for', async () => {
    await put('dev/nvidia0');
    await put(
      'usr/bin/nvidia-smi',
      smi('12.2', '535.1', ['0, Tesla K80, 535.1, 11441, [N/A]', '1, Tesla V100-SXM2-16GB, 535.1, 16384, 7.0']),
    );
    await putLibcuda('usr/lib64', '535.1');
    const { devices } = await detectGpuHost({ root });
    assert.deepEqual(
      devices.map(({ architecture }) => architecture),
      ['Kepler', 'Volta'],
    );
    const all = await advice();
    assert.ok(all.includes('problem: GPU 0, Tesla K80: Kepler ended with CUDA 11'), all.join());
    assert.ok(all.includes('note: GPU 1, Tesla V100-SXM2-16GB: Volta ends with CUDA 12'), all.join());
  });

  it('says why nvidia-smi fails', async () => {
    await put('dev/nvidia0');
    await put(
      'usr/bin/nvidia-smi',
      '#!/bin/sh\necho "Failed to initialize NVML: Driver/library version mismatch"\nexit 18\n',
    );
    await putLibcuda('usr/lib64', '535.1');
    assert.ok(
      (await advice()).includes(
        'problem: nvidia-smi fails: Failed to initialize NVML: Driver/library version mismatch',
      ),
    );
  });

  it('knows a container that was not given the GPU of its host', async () => {
    await put(
      'proc/driver/nvidia/version',
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\n',
    );
    const host = await detectGpuHost({ root });
    assert.deepEqual([host.kind, host.driver], ['none', '535.183.01']);
    const [only, ...others] = gpuAdvice(host);
    assert.equal(only?.finding, 'the host has NVIDIA driver 535.183.01, but no /dev/nvidia* is here');
    assert.match(only.remedy, /DeviceRequests.*NVIDIA_VISIBLE_DEVICES/);
    assert.deepEqual(others, []);
  });

  it('says when the libraries here are of another CUDA than the image', async () => {
    await put('dev/nvidia0');
    await putLibcuda('usr/lib64', '580.1');
    for (const name of ['libcudart.so.13', 'libcudnn.so.9']) await put(`usr/local/cuda/lib64/${name}`);
    assert.ok((await advice()).includes('note: libcudart.so.13 is here, the image is built for CUDA 12'));
  });

  it('tells an integrated GPU from none', async () => {
    await put('dev/dri/renderD128');
    const host = await detectGpuHost({ root });
    assert.deepEqual([host.kind, host.nodes], ['dri', ['/dev/dri/renderD128']]);
    assert.match((await advice())[0] ?? '', /^note: /);
  });
});

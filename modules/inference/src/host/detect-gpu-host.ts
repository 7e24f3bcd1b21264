import { execFile } from 'node:child_process';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { architectureOf, capabilityByName, cudaMajorOfDriver } from './gpu-architectures.ts';

/** How a GPU is reached: its own device nodes, Windows' paravirtualisation, another maker's, or not at all. */
export type GpuHostKind = 'nvidia' | 'gpu-pv' | 'dri' | 'none';

export interface GpuDevice {
  readonly index: number;
  readonly name: string;
  readonly computeCapability: number | undefined;
  readonly architecture: string | undefined;
  readonly memoryMiB: number | undefined;
}

/** What this machine, or container, has of a GPU. */
export interface GpuHost {
  readonly kind: GpuHostKind;
  /** Device nodes that were found. */
  readonly nodes: readonly string[];
  readonly devices: readonly GpuDevice[];
  /** Of the kernel module, nvidia-smi or libcuda, in this order. */
  readonly driver: string | undefined;
  /** Highest CUDA that the driver serves: what nvidia-smi says, or the major version by the driver's. */
  readonly cuda: string | undefined;
  readonly libcuda: string | undefined;
  /** Folders of `/usr/lib/wsl` that must be there for GPU-PV. */
  readonly hasWslLibraries: boolean;
  /** Libraries of CUDA in the container, by what the runtime's provider is linked against: `libcudnn.so.9`. */
  readonly cudaLibraries: readonly string[];
  /** Why nvidia-smi did not answer. */
  readonly smiFailure: string | undefined;
}

export interface DetectOptions {
  /** In place of `/`, for tests. */
  readonly root?: string;
}

const LIBRARY_DIRS = [
  'usr/lib/wsl/lib',
  'usr/lib/x86_64-linux-gnu',
  'usr/lib/aarch64-linux-gnu',
  'usr/lib64',
  'usr/local/nvidia/lib64',
  'usr/local/cuda/lib64',
  'usr/local/cuda/targets/x86_64-linux/lib',
  'usr/lib',
];
const CUDA_LIBRARY = /^lib(?:cudart|cublas|cublasLt|cudnn|cufft|curand|nvrtc|nvinfer)\.so\.\d+$/;
const SMI_PATHS = ['usr/bin/nvidia-smi', 'usr/lib/wsl/lib/nvidia-smi'];
const SMI_TIMEOUT_MS = 10_000;

/** Looks at device nodes, driver and libraries. Never throws: what cannot be read is not there. */
export async function detectGpuHost({ root = '/' }: DetectOptions = {}): Promise<GpuHost> {
  const dev = await names(join(root, 'dev'));
  const nvidia = dev.filter((name) => /^nvidia\d+$/.test(name));
  const dri = (await names(join(root, 'dev/dri'))).filter((name) => name.startsWith('renderD'));
  const kind: GpuHostKind =
    nvidia.length > 0 ? 'nvidia' : dev.includes('dxg') ? 'gpu-pv' : dri.length > 0 ? 'dri' : 'none';
  const nodes = [...nvidia, ...dev.filter((name) => name === 'dxg'), ...dri.map((name) => `dri/${name}`)];
  const wsl = await names(join(root, 'usr/lib/wsl/lib'));
  const libcuda = await findLibcuda(root);
  const smi = kind === 'none' || kind === 'dri' ? { failure: undefined } : await askSmi(root);
  const driver = (await kernelDriver(root)) ?? smi.answer?.driver ?? driverOfLibrary(libcuda);
  return {
    kind,
    nodes: nodes.map((name) => `/dev/${name}`),
    devices: smi.answer?.devices ?? [],
    driver,
    cuda: smi.answer?.cuda ?? (driver === undefined ? undefined : cudaMajorOfDriver(driver)?.toString()),
    libcuda: libcuda?.path,
    hasWslLibraries: wsl.some((name) => name.startsWith('libcuda.so') || name === 'libdxcore.so'),
    cudaLibraries: await findCudaLibraries(root),
    smiFailure: smi.failure,
  };
}

async function names(dir: string): Promise<string[]> {
  return (await readdir(dir).catch(() => [])).sort();
}

/** `NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 …` */
async function kernelDriver(root: string): Promise<string | undefined> {
  const text = await readFile(join(root, 'proc/driver/nvidia/version'), 'utf8').catch(() => '');
  return /Kernel Module.*?\s(\d+\.\d+(?:\.\d+)?)\s/.exec(text)?.[1];
}

interface Library {
  readonly path: string;
  /** Name of the file that links lead to: `libcuda.so.535.183.01`. */
  readonly file: string;
}

async function findLibcuda(root: string): Promise<Library | undefined> {
  for (const dir of LIBRARY_DIRS) {
    const path = join(root, dir, 'libcuda.so.1');
    const file = await realpath(path).catch(() => undefined);
    if (file !== undefined) {
      return { path: `/${dir}/libcuda.so.1`, file: basename(file) };
    }
  }
  return undefined;
}

function driverOfLibrary(library: Library | undefined): string | undefined {
  return /^libcuda\.so\.(\d{3,}\.\d+(?:\.\d+)?)$/.exec(library?.file ?? '')?.[1];
}

async function findCudaLibraries(root: string): Promise<string[]> {
  const found = await Promise.all(LIBRARY_DIRS.map((dir) => names(join(root, dir))));
  return [...new Set(found.flat().filter((name) => CUDA_LIBRARY.test(name)))].sort();
}

interface SmiAnswer {
  readonly driver: string | undefined;
  readonly cuda: string | undefined;
  readonly devices: readonly GpuDevice[];
}

async function askSmi(root: string): Promise<{ readonly answer?: SmiAnswer; readonly failure: string | undefined }> {
  let failure = 'not found';
  for (const path of SMI_PATHS) {
    const program = join(root, path);
    try {
      const table = await run(program, []);
      const list = await run(program, [
        '--query-gpu=index,name,driver_version,memory.total,compute_cap',
        '--format=csv,noheader,nounits',
      ]).catch(() =>
        run(program, ['--query-gpu=index,name,driver_version,memory.total', '--format=csv,noheader,nounits']),
      );
      const rows = list.split('\n').filter((line) => line.includes(','));
      return {
        answer: {
          driver: /Driver Version:\s*([\d.]+)/.exec(table)?.[1] ?? rows[0]?.split(',')[2]?.trim(),
          cuda: /CUDA Version:\s*([\d.]+)/.exec(table)?.[1],
          devices: rows.map(parseRow),
        },
        failure: undefined,
      };
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      failure = isMissing ? failure : firstLine(error);
    }
  }
  return { failure };
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { timeout: SMI_TIMEOUT_MS, killSignal: 'SIGKILL' });
  return stdout;
}

function parseRow(line: string): GpuDevice {
  const [index, name = '', , memory, capability] = line.split(',').map((cell) => cell.trim());
  const told = Number.parseFloat(capability ?? '');
  const computeCapability = Number.isFinite(told) ? told : capabilityByName(name);
  const memoryMiB = Number.parseInt(memory ?? '', 10);
  return {
    index: Number(index),
    name,
    computeCapability,
    architecture: computeCapability === undefined ? undefined : architectureOf(computeCapability)?.name,
    memoryMiB: Number.isFinite(memoryMiB) ? memoryMiB : undefined,
  };
}

/** nvidia-smi writes why it fails to its standard output. */
function firstLine(error: unknown): string {
  const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
  const message = output.trim() || (error instanceof Error ? error.message : String(error));
  return (message.split('\n')[0] ?? '').slice(0, 200);
}

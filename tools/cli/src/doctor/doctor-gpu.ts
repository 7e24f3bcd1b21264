import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { EdgeveilError } from '@edgeveil/contracts';
import {
  cpuLimit,
  Detector,
  detectGpuHost,
  type GpuAdvice,
  type GpuHost,
  gpuAdvice,
  noGpuReason,
  type ProviderReport,
} from '@edgeveil/inference';
import type { CliContext, ExitCode } from '../cli-context.ts';

export interface DoctorGpuOptions {
  readonly model?: string;
  readonly json?: boolean;
  readonly hostRoot: string;
}

/** Lines longer than this are hard to read. */
const MAX_COLUMNS = 100;

/** What a model did on this machine. */
type Trial =
  | { readonly status: 'proven'; readonly provider: ProviderReport }
  | { readonly status: 'onCpu'; readonly provider: ProviderReport }
  | { readonly status: 'failed'; readonly code: string; readonly message: string };

/** Tells what GPU there is, tries a model on it, and says what to do. */
export async function doctorGpu(options: DoctorGpuOptions, context: CliContext): Promise<ExitCode> {
  const host = await detectGpuHost({ root: options.hostRoot });
  const advice = gpuAdvice(host);
  const threads = await cpuLimit(options.hostRoot);
  const trial = await tryModel(options, context, host);
  if (options.json) {
    context.output.write(`${JSON.stringify({ host, threads, trial, advice })}\n`);
  } else {
    const columns = Math.min(context.columns ?? MAX_COLUMNS, MAX_COLUMNS);
    context.output.write(report(host, threads, trial, advice, columns));
  }
  return trial.status === 'proven' ? 0 : 1;
}

async function tryModel({ model }: DoctorGpuOptions, context: CliContext, host: GpuHost): Promise<Trial> {
  const scratchDir = await mkdtemp(join(tmpdir(), 'edgeveil-doctor-'));
  try {
    await using detector = await Detector.open({
      model: model === undefined ? 'demo-scenes' : resolve(context.workingDir, model),
      providers: ['tensorrt', 'cuda', 'webgpu', 'cpu'],
      noGpu: noGpuReason(host),
      scratchDir,
    });
    const { provider } = detector;
    return { status: provider.used === 'cpu' ? 'onCpu' : 'proven', provider };
  } catch (error) {
    if (!(error instanceof EdgeveilError)) throw error;
    return { status: 'failed', code: error.code, message: error.message };
  } finally {
    await rm(scratchDir, { recursive: true, force: true });
  }
}

function report(host: GpuHost, threads: number, trial: Trial, advice: readonly GpuAdvice[], columns: number): string {
  const lines = [
    `GPU         ${KINDS[host.kind]}${host.nodes.length > 0 ? `: ${host.nodes.join(', ')}` : ''}`,
    ...host.devices.map(
      ({ index, name, architecture, computeCapability, memoryMiB }) =>
        `  ${index}         ${name}, ${architecture ?? 'unknown architecture'} (${computeCapability ?? '?'}), ${memoryMiB ?? '?'} MiB`,
    ),
    `driver      ${host.driver ?? 'none'}`,
    `CUDA        ${host.cuda === undefined ? 'none' : `up to ${host.cuda} by the driver`}; in reach: ${host.cudaLibraries.join(', ') || 'no library of it'}`,
    `CPU         ${threads} threads`,
    ...trialLines(trial),
    '',
    ...(advice.length === 0 ? ['Nothing to do.'] : advice.flatMap((each) => adviceLines(each, columns))),
  ];
  return `${lines.join('\n')}\n`;
}

const KINDS: Readonly<Record<GpuHost['kind'], string>> = {
  nvidia: 'NVIDIA, by its own device nodes (native or DDA)',
  'gpu-pv': 'paravirtualised by Windows (GPU-PV)',
  dri: 'of another maker, or without its own driver',
  none: 'none',
};

function trialLines(trial: Trial): string[] {
  if (trial.status === 'failed') {
    return [`model       does not run: ${trial.message} [${trial.code}]`];
  }
  const { used, failures, proof } = trial.provider;
  const lines = failures.map(
    ({ provider, reason }) => `  not on ${provider.padEnd(8)} ${reason.replace(`${provider}: `, '')}`,
  );
  if (proof === undefined) {
    return [`model       runs on ${used}`, ...lines];
  }
  const nodes =
    proof.nodesOnProvider === undefined ? '' : `, ${Math.round(proof.nodesOnProvider * 100)} % of its nodes`;
  return [
    `model       runs on ${used}${nodes}: ${proof.providerMs.toFixed(2)} ms, on the CPU ${proof.cpuMs.toFixed(2)} ms (${proof.speedup.toFixed(1)} times as fast)`,
    `            outputs within ${proof.maxError.toPrecision(2)} of the CPU's, ${proof.tolerance} allowed`,
    ...lines,
  ];
}

function adviceLines({ level, finding, remedy }: GpuAdvice, columns: number): string[] {
  return [
    `${level === 'problem' ? 'Problem' : 'Note'}: ${finding}`,
    ...wrapped(remedy, columns - 2).map((line) => `  ${line}`),
  ];
}

/** Lines of whole words. */
function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > columns) {
      lines.push(word);
    } else {
      lines[lines.length - 1] = `${last} ${word}`;
    }
  }
  return lines;
}

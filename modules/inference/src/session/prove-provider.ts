import { ConfigError, type ExecutionProvider } from '@edgeveil/contracts';
import { type ComparedOutputs, compareOutputs } from './compare-outputs.ts';
import type { Placement } from './onnx-runtime.ts';
import { RUNTIME_NAMES } from './provider-options.ts';
import type { ProviderProof } from './session-protocol.ts';

/** Runs of each side that are timed, after one that is not; the median counts. */
const TIMED_RUNS = 3;
/** No more timed runs of a side after this long. */
const MAX_TIMED_MS = 2000;

/** One side of the comparison. */
export interface ProofSide {
  run(): Promise<ComparedOutputs>;
}

export interface ProofOptions {
  readonly provider: ExecutionProvider;
  readonly candidate: ProofSide;
  /** The same model on the CPU. */
  readonly reference: ProofSide;
  readonly tolerance: number;
  /** Asked for after the runs of the candidate. */
  readonly placement: () => Promise<Placement | undefined>;
}

/**
 * Proves that a model really runs on a provider and gives what it gives on the CPU: both run on the same input, outputs are
 * compared, times taken, and the runtime's own record says on which provider the nodes ran.
 *
 * @throws ConfigError PROVIDER_OUTPUTS_DIFFER, PROVIDER_NOT_USED
 */
export async function proveProvider(options: ProofOptions): Promise<ProviderProof> {
  const { provider, tolerance } = options;
  const candidate = await timedRuns(options.candidate);
  const counts = await options.placement();
  const reference = await timedRuns(options.reference);
  const onProvider = counts?.[RUNTIME_NAMES[provider]] ?? 0;
  const onCpu = counts?.[RUNTIME_NAMES.cpu] ?? 0;
  const all = Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0);
  if (counts !== undefined && onProvider === 0) {
    const found = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
    throw new ConfigError(
      'PROVIDER_NOT_USED',
      `${provider}: none of the model's nodes ran on it, but ${found.join(', ')}`,
      {
        details: { expected: `nodes on ${RUNTIME_NAMES[provider]}`, found: found.join(', ') },
      },
    );
  }
  const { maxError, worst } = compareOutputs(reference.outputs, candidate.outputs);
  if (!(maxError <= tolerance)) {
    const found = `off by ${maxError.toPrecision(3)} of the largest value, ${worst ?? ''}`;
    throw new ConfigError('PROVIDER_OUTPUTS_DIFFER', `${provider}: outputs are not those of the CPU: ${found}`, {
      details: { expected: `within ${tolerance} of the CPU's`, found },
    });
  }
  return {
    maxError,
    tolerance,
    cpuMs: reference.medianMs,
    providerMs: candidate.medianMs,
    speedup: reference.medianMs / candidate.medianMs,
    nodesOnProvider: counts === undefined ? undefined : onProvider / all,
    nodesOnCpu: counts === undefined ? undefined : onCpu / all,
    provenAt: new Date().toISOString(),
  };
}

async function timedRuns(side: ProofSide): Promise<{ readonly outputs: ComparedOutputs; readonly medianMs: number }> {
  // Not timed: kernels are compiled and memory is taken in the first run.
  let outputs = await side.run();
  const times: number[] = [];
  let spentMs = 0;
  while (times.length < TIMED_RUNS && spentMs < MAX_TIMED_MS) {
    const startedAt = performance.now();
    outputs = await side.run();
    times.push(performance.now() - startedAt);
    spentMs += times.at(-1) ?? 0;
  }
  return { outputs, medianMs: times.sort((a, b) => a - b)[times.length >> 1] ?? 0 };
}

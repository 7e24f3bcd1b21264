import { type ChildProcess, fork } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ConfigError, InternalError, TransientError } from '@edgeveil/contracts';
import type { SessionInfo, SessionSpec } from '../session/session-protocol.ts';
import { fromTransferredError, type TransferredError } from '../transferred-error.ts';

const PROCESS_FILE = fileURLToPath(new URL('./probe-process.ts', import.meta.url));
const MEMORY_CHECK_MS = 100;
const LEAST_MEMORY = 512 * 1024 ** 2;
/** What the runtime and the drivers look for; nothing else of the module's environment, keys least of all, goes along. */
const PASSED_ON =
  /^(?:PATH|HOME|TMPDIR|LANG|LD_LIBRARY_PATH|XDG_RUNTIME_DIR|NVIDIA_.*|CUDA_.*|VK_.*|ORT_.*|TENSORRT_.*)$/;

export type ProbeReply =
  | { readonly type: 'opened'; readonly info: SessionInfo }
  | { readonly type: 'failed'; readonly error: TransferredError };

export interface RunProbeOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Most memory of the process; 70 % of what is free when not given. */
  readonly maxBytes?: number;
  /** Replaces the process's file, for tests of what happens when it dies. */
  readonly processFile?: string;
}

/**
 * Loads a model and runs it once in a process of its own, and tells what it is. Starting the process blocks the thread that calls.
 *
 * @throws what {@link ModelSession.open} throws; ConfigError MODEL_CRASHES when the process dies of it, MODEL_TOO_LARGE when it
 * takes too much memory, MODEL_LOAD_TIMEOUT; TransientError MODEL_PROBE_STOPPED
 */
export async function runProbe(spec: SessionSpec, options: RunProbeOptions): Promise<SessionInfo> {
  const child = fork(options.processFile ?? PROCESS_FILE, [], {
    env: Object.fromEntries(Object.entries(options.environment).filter(([name]) => PASSED_ON.test(name))),
    stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    signal: options.signal,
    killSignal: 'SIGKILL',
  });
  const limits = limit(child, options);
  try {
    const reply = new Promise<ProbeReply | undefined>((resolve, reject) => {
      child.once('message', (message) => resolve(message as ProbeReply));
      child.once('error', (error) =>
        reject(
          options.signal.aborted
            ? new TransientError('MODEL_PROBE_STOPPED', 'the module stopped while a model was tried')
            : error,
        ),
      );
      child.once('exit', () => resolve(undefined));
    });
    // A process that dies before it has read is seen by its exit.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(JSON.stringify(spec));
    const answer = await reply;
    if (answer === undefined) {
      throw limits.reached() ?? deathOf(child, spec.modelFile);
    }
    if (answer.type === 'failed') {
      throw fromTransferredError(answer.error);
    }
    return answer.info;
  } finally {
    limits.stop();
    child.kill('SIGKILL');
  }
}

/** Ends the process when it takes too long or too much. */
function limit(child: ChildProcess, options: RunProbeOptions) {
  const { timeoutMs, maxBytes = Math.max(LEAST_MEMORY, process.availableMemory() * 0.7) } = options;
  let reached: ConfigError | undefined;
  const stop = (error: ConfigError): void => {
    reached ??= error;
    child.kill('SIGKILL');
  };
  // Where memory runs out all the same, the kernel is to choose this process.
  void writeFile(`/proc/${child.pid}/oom_score_adj`, '1000').catch(() => undefined);
  const checkMemory = async (): Promise<void> => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    const bytes = Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
    if (bytes > maxBytes) {
      const found = `${Math.round(bytes / 1024 ** 2)} MB`;
      stop(
        new ConfigError('MODEL_TOO_LARGE', `the model takes ${found} of memory to load`, {
          details: { expected: `at most ${Math.round(maxBytes / 1024 ** 2)} MB`, found },
        }),
      );
    }
  };
  const memory = setInterval(() => void checkMemory(), MEMORY_CHECK_MS);
  const timeout = setTimeout(() => {
    const found = `not loaded after ${timeoutMs / 1000} s`;
    stop(
      new ConfigError('MODEL_LOAD_TIMEOUT', `the model is ${found}`, {
        details: { expected: 'a model that loads within watchdog.loadTimeoutSeconds', found },
      }),
    );
  }, timeoutMs);
  return {
    reached: () => reached,
    stop: () => {
      clearInterval(memory);
      clearTimeout(timeout);
    },
  };
}

function deathOf({ exitCode, signalCode }: ChildProcess, file: string): ConfigError | InternalError {
  if (signalCode === null && exitCode === 0) {
    return new InternalError('MODEL_PROBE_SILENT', 'the process that tried the model ended without a word');
  }
  // The kernel's way when memory is out.
  const isKilled = signalCode === 'SIGKILL';
  const found = `the process ended with ${signalCode ?? `exit code ${exitCode}`}`;
  return new ConfigError(
    isKilled ? 'MODEL_TOO_LARGE' : 'MODEL_CRASHES',
    `${file}: the runtime does not survive loading or running the model: ${found}`,
    { details: { expected: 'a model that the runtime can load and run', found } },
  );
}

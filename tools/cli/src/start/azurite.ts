import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ConfigError, TransientError } from '@edgeveil/contracts';

/** Account and key that every Azurite has; public, see its README. */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

const LISTENS = /successfully listens on (http:\/\/127\.0\.0\.1:(\d+))/;
const START_MS = 30_000;
const STOP_MS = 10_000;

/** Run before Azurite: ends it as Ctrl-C would when its input closes, that is, when whoever started it is gone in whatever way. */
const END_WITH_PARENT = `process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM')).resume().unref();`;

export interface AzuriteOptions {
  /** Folder of its data; made when missing. What an earlier run has stored there is served again. */
  readonly dir: string;
  /** Default 0: any free one. */
  readonly port?: number;
}

/** A storage account on this machine: Azurite's blob service in a process of its own. */
export interface Azurite {
  readonly connectionString: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when its data is written and the process has ended; may be called again. */
  stop(): Promise<void>;
}

/**
 * Starts Azurite and waits until it listens. Only the blob service; no telemetry. It is out of reach of a Ctrl-C in the terminal,
 * so that modules can still upload while they stop, and it ends when this process ends.
 * @throws ConfigError `AZURITE_FAILED` when it ends at once, with what it said; TransientError `AZURITE_SLOW` when it does not listen in 30 s.
 */
export async function startAzurite({ dir, port = 0 }: AzuriteOptions): Promise<Azurite> {
  await mkdir(dir, { recursive: true });
  const child = spawn(process.execPath, argumentsFor(dir, port), {
    cwd: dir,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  try {
    const [endpoint, number] = await listening(child);
    return {
      connectionString: `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};BlobEndpoint=${endpoint}/${ACCOUNT};`,
      port: number,
      pid: child.pid ?? 0,
      stop: () => stop(child, ended),
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

function argumentsFor(dir: string, port: number): string[] {
  const script = join(dirname(fileURLToPath(import.meta.resolve('azurite/package.json'))), 'dist/src/blob/main.js');
  const preload = `--import=data:text/javascript,${encodeURIComponent(END_WITH_PARENT)}`;
  const listen = ['--blobHost', '127.0.0.1', '--blobPort', String(port), '--location', dir];
  return [preload, script, ...listen, '--silent', '--disableTelemetry', '--skipApiVersionCheck'];
}

async function listening(child: ChildProcess): Promise<readonly [endpoint: string, port: number]> {
  const said: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<readonly [string, number]>();
  for (const output of [child.stdout, child.stderr]) {
    if (output === null) continue;
    // Read to the end, or Azurite would block on a full pipe
    createInterface({ input: output }).on('line', (line) => {
      if (said.length < 20) said.push(line);
      const [, endpoint, port] = LISTENS.exec(line) ?? [];
      if (endpoint !== undefined) resolve([endpoint, Number(port)]);
    });
  }
  const failed = (cause?: unknown): void =>
    reject(new ConfigError('AZURITE_FAILED', `Azurite did not start: ${said.join(' | ')}`, { cause }));
  child.once('error', failed);
  child.once('close', () => failed());
  const timer = setTimeout(
    () => reject(new TransientError('AZURITE_SLOW', `Azurite does not listen after ${START_MS} ms`)),
    START_MS,
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}

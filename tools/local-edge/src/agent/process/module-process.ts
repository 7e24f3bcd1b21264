import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { LineSplitter } from '../logs/line-splitter.ts';
import { signalGroup } from './signal-group.ts';

const lastLinesMs = 1000;

export interface ModuleProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
}

/** One run of a module. */
export class ModuleProcess {
  readonly pid: number | undefined;
  /** Resolves with the exit code when the process has ended and its output is read; never rejects. A command that cannot be started ends with 127. */
  readonly exited: Promise<number>;
  readonly #child: ChildProcess;

  constructor({ command, args, cwd, env, onLine }: ModuleProcessOptions) {
    const child = spawn(command, [...args], {
      cwd,
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C in a terminal goes to the runtime alone, which then stops the modules in order.
      detached: true,
    });
    this.#child = child;
    this.pid = child.pid;
    for (const name of ['stdout', 'stderr'] as const) {
      const splitter = new LineSplitter((line) => onLine(name, line));
      child[name]?.on('data', (chunk: Buffer) => splitter.write(chunk));
      child[name]?.on('close', () => splitter.end());
    }
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => {
        onLine('stderr', `cannot run ${command} in ${cwd}: ${error.message}`);
        if (child.pid === undefined) resolve(127);
      });
      child.once('exit', (code, signal) => {
        // As a container ends with its first process: nothing that it started stays behind.
        if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
        const end = () => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
        // Its last lines may still be on their way. What has left the group, and holds the pipe open, is not waited for.
        const timer = setTimeout(end, lastLinesMs);
        child.once('close', () => {
          clearTimeout(timer);
          end();
        });
      });
    });
  }

  /** SIGTERM, and SIGKILL to the whole group when the grace time has passed. @returns the exit code */
  async stop(graceMs: number): Promise<number> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), graceMs);
    const code = await this.exited;
    clearTimeout(timer);
    return code;
  }

  kill(): void {
    if (this.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null) {
      signalGroup(this.pid, 'SIGKILL');
    }
  }
}

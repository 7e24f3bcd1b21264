import { type ChildProcess, spawn } from 'node:child_process';

// Reads the list of processes anew with every line. At the end of its input it sends SIGTERM to the groups of the last whole line: after a
// clean stop that line is empty. Ids of processes that were alive a moment ago are safe to use; a later SIGKILL would not be.
const script = 'pids=; while read -r line; do pids=$line; done; for pid in $pids; do kill -s TERM -- "-$pid"; done';

/**
 * A shell that outlives the runtime for a moment and then stops its modules: a runtime that is killed cannot do it itself, and a module that was
 * made for a container does not watch its parent. What ignores SIGTERM is ended at the next start, by its record.
 */
export class OrphanGuard {
  readonly #shell: ChildProcess;
  readonly #pids = new Set<number>();

  constructor() {
    this.#shell = spawn('/bin/sh', ['-c', script], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: {},
      // Ctrl-C in a terminal is not for it.
      detached: true,
    });
    // Without a shell there is no guard; the records are there all the same.
    this.#shell.on('error', () => undefined);
    this.#shell.stdin?.on('error', () => undefined);
    this.#shell.unref();
  }

  /** A process has been started. Told at once, so that hardly a moment is left in which a kill of the runtime forgets it. */
  add(pid: number): void {
    this.#pids.add(pid);
    this.#tell();
  }

  /** A process has ended. */
  remove(pid: number): void {
    this.#pids.delete(pid);
    this.#tell();
  }

  /** Nothing is left to be guarded. */
  stop(): void {
    this.#pids.clear();
    this.#tell();
    this.#shell.stdin?.end();
  }

  #tell(): void {
    const { stdin } = this.#shell;
    if (stdin?.writable === true) stdin.write(`${[...this.#pids].join(' ')}\n`);
  }
}

#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Without it every start strips the types of every file anew. bin/edgeveil.mjs spares this file, too.
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/edgeveil', import.meta.url)));
const { runCli } = await import('./run-cli.ts');

/** One Ctrl-C can arrive twice: the terminal sends it to the whole group, and npm passes its own on. */
const SAME_CTRL_C_MS = 1500;

const stop = new AbortController();
let firstAt = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (firstAt === 0) {
      firstAt = performance.now();
      stop.abort(new Error(signal));
    } else if (performance.now() - firstAt > SAME_CTRL_C_MS) {
      process.exit(1);
    }
  });
}
// A reader that has seen enough (`| head`) closes the pipe: no reason for a stack trace, but one to end, also what would go on for ever.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    stop.abort(error);
  });
}

process.exitCode = await runCli(process.argv.slice(2), {
  // A getter, because asking for it opens it.
  get input() {
    return process.stdin;
  },
  output: process.stdout,
  errors: process.stderr,
  isTerminal: process.stdout.isTTY === true && process.stderr.isTTY === true,
  get columns() {
    return process.stdout.columns;
  },
  environment: process.env,
  workingDir: process.cwd(),
  signal: stop.signal,
});

#!/usr/bin/env node
import { runCli } from './run-cli.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // A second signal finds no handler and ends the process at once.
  process.once(signal, () => stop.abort(new Error(signal)));
}
// A reader that has seen enough (`| head`) closes the pipe: no reason for a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await runCli(process.argv.slice(2), {
  output: process.stdout,
  errors: process.stderr,
  isTerminal: process.stdout.isTTY === true && process.stderr.isTTY === true,
  environment: process.env,
  workingDir: process.cwd(),
  signal: stop.signal,
});

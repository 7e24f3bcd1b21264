import { finished } from 'node:stream/promises';
import type Docker from 'dockerode';
import { LineSplitter } from '../logs/line-splitter.ts';
import type { OnLine } from '../module-run.ts';
import { Demultiplexer } from './demultiplexer.ts';

/** What a container writes, taken from the engine line by line. */
export interface ContainerOutput {
  /** Resolves when there is no more, with the time in ms; never rejects. */
  readonly ended: Promise<number>;
  /** Takes no more. */
  close(): void;
}

/**
 * Attaches to a container that has not been started yet, so that nothing of a run of milliseconds is missed, whatever the log driver of the
 * create options.
 */
export async function attachOutput(
  container: Docker.Container,
  isTerminal: boolean,
  onLine: OnLine,
): Promise<ContainerOutput> {
  return readOutput(await container.attach({ stream: true, stdout: true, stderr: true }), isTerminal, onLine);
}

/** Takes up the output of a container that has gone on while the engine could not be reached. */
export async function resumeOutput(
  container: Docker.Container,
  isTerminal: boolean,
  sinceMs: number,
  onLine: OnLine,
): Promise<ContainerOutput> {
  const stream = await container.logs({ follow: true, stdout: true, stderr: true, since: sinceMs / 1000 });
  return readOutput(stream, isTerminal, onLine);
}

function readOutput(stream: NodeJS.ReadableStream, isTerminal: boolean, onLine: OnLine): ContainerOutput {
  const splitters = {
    stdout: new LineSplitter((line) => onLine('stdout', line)),
    stderr: new LineSplitter((line) => onLine('stderr', line)),
  };
  const demultiplexer = new Demultiplexer((name, bytes) => splitters[name].write(bytes));
  // A terminal has one output, and it comes as it is.
  stream.on('data', (chunk: Buffer) => (isTerminal ? splitters.stdout.write(chunk) : demultiplexer.write(chunk)));
  const ended = finished(stream, { writable: false })
    .catch(() => undefined)
    .then(() => {
      splitters.stdout.end();
      splitters.stderr.end();
      return Date.now();
    });
  return {
    ended,
    close: () => {
      if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
    },
  };
}

import { availableParallelism, cpus } from 'node:os';
import type { EndToEndResult } from './end-to-end.ts';
import type { OneProcessResult } from './one-process-child.ts';

export interface Round {
  readonly one: OneProcessResult;
  readonly suite: EndToEndResult;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** The benchmark's result as Markdown, ready for the README. */
export function renderTable(rounds: readonly Round[]): string {
  const suite = mean(rounds.map((round) => round.suite.framesPerSecond));
  const one = mean(rounds.map((round) => round.one.framesPerSecond));
  const last = rounds.at(-1);
  if (last === undefined) return 'no rounds';
  const lines = [
    `Machine: ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}. Mean of ${rounds.length} rounds.`,
    '',
    '| | frames/s |',
    '|---|---:|',
    `| the suite, folder to verified blob | ${suite.toFixed(1)} |`,
    `| the same detection and redaction in one process, no messages, stores or upload | ${one.toFixed(1)} |`,
    `| ratio | ${(suite / one).toFixed(2)} |`,
    '',
    '| stage | median ms | p95 ms |',
    '|---|---:|---:|',
    ...last.suite.stages.map(
      ({ stage, medianMs, p95Ms }) => `| ${stage} | ${medianMs.toFixed(1)} | ${p95Ms.toFixed(1)} |`,
    ),
    '',
    '| process | peak memory, MB |',
    '|---|---:|',
    ...[...last.suite.peakBytes].map(([name, bytes]) => `| ${name} | ${megabytes(bytes)} |`),
    `| one process | ${megabytes(last.one.peakBytes)} |`,
  ];
  return lines.join('\n');
}

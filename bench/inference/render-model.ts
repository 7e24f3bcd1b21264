import { median } from '../hub/median.ts';
import { bestOverlap } from './best-overlap.ts';
import type { Contestant } from './contestants.ts';
import type { Measurement, Skipped } from './task.ts';

export type ModelRounds = Map<Contestant, (Measurement | Skipped)[]>;

type Figure = { readonly [Key in keyof Measurement]: number | undefined };

/** The results of one model as Markdown. */
export function renderModel(name: string, rounds: ModelRounds): string {
  const figures = new Map([...rounds].map(([{ key }, results]) => [key, figureOf(results)]));
  const runs = Math.max(...['run1', 'run2', 'runs'].map((key) => rate(figures, key)));
  const best = bestOverlap(Math.max(...['decode1', 'decode2', 'decode4'].map((key) => rate(figures, key))), runs);
  const bestOfOwn = bestOverlap(rate(figures, 'own'), runs);
  const bareLatency = figures.get('bare')?.latencyMs;
  const modelBytes = figures.get('run1')?.modelBytes;
  const lines = [
    `### ${name}`,
    '',
    `Best possible overlap of decode and run: ${best.toFixed(1)} frames/s with libvips, ${bestOfOwn.toFixed(1)} with the module's decoder. A session adds ${megabytes(modelBytes)} MB to its process.`,
    '',
    '| | frames/s | of the best | of the best with its decoder | CPU ms per frame | one frame alone, ms | beyond the bare loop, ms | memory, MB | at most, MB | found per frame |',
    '|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|',
  ];
  for (const [{ key, name: row }, results] of rounds) {
    const figure = figures.get(key);
    const skipped = results.find((result) => 'skipped' in result);
    if (figure === undefined) {
      lines.push(`| ${row} | skipped: ${skipped?.skipped ?? 'no rounds'} | | | | | | | | |`);
      continue;
    }
    const beyond =
      figure.latencyMs === undefined || bareLatency === undefined ? undefined : figure.latencyMs - bareLatency;
    const cells = [
      fixed(figure.framesPerSecond, 1),
      /^(decode|own|run)/.test(key) ? '' : fixed((figure.framesPerSecond ?? Number.NaN) / best, 2),
      key === 'module' ? fixed((figure.framesPerSecond ?? Number.NaN) / bestOfOwn, 2) : '',
      fixed(figure.cpuMs, 1),
      fixed(figure.latencyMs, 1),
      key === 'bare' ? '' : fixed(beyond, 1),
      megabytes(figure.residentBytes),
      megabytes(figure.peakBytes),
      fixed(figure.found, 2),
    ];
    lines.push(`| ${row} | ${cells.join(' | ')} |`);
  }
  const module = figures.get('module');
  if (module !== undefined) {
    lines.push(
      '',
      `Event loop of the module: blocked ${fixed(module.loopMaxMs, 1)} ms at most, 99th percentile ${fixed(module.loopP99Ms, 1)} ms.`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Median of each figure; `undefined` when no round gave any. The longest pause of the event loop is that of all rounds. */
function figureOf(results: readonly (Measurement | Skipped)[]): Figure | undefined {
  const measured = results.filter((result): result is Measurement => 'framesPerSecond' in result);
  if (measured.length === 0) {
    return undefined;
  }
  const of = (key: keyof Measurement): number | undefined => {
    const values = measured.map((result) => result[key]).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : median(values);
  };
  return {
    framesPerSecond: of('framesPerSecond'),
    latencyMs: of('latencyMs'),
    cpuMs: of('cpuMs'),
    peakBytes: of('peakBytes'),
    residentBytes: of('residentBytes'),
    modelBytes: of('modelBytes'),
    found: of('found'),
    loopMaxMs: Math.max(...measured.map(({ loopMaxMs = 0 }) => loopMaxMs)),
    loopP99Ms: of('loopP99Ms'),
  };
}

function rate(figures: ReadonlyMap<string, Figure | undefined>, key: string): number {
  return figures.get(key)?.framesPerSecond ?? 0;
}

function fixed(value: number | undefined, digits: number): string {
  return value === undefined || !Number.isFinite(value) ? '' : value.toFixed(digits);
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? '' : (bytes / 1e6).toFixed(0);
}

import type { LocalEdge } from '@edgeveil/local-edge';
import { parsePrometheusText, type Sample, sumOf } from './prometheus-text.ts';
import { RunningTotal } from './running-total.ts';

export interface ModuleFigures {
  readonly name: string;
  readonly status: string;
  readonly restarts: number;
  readonly cpuPercent: number;
  readonly memoryBytes: number;
}

/** What the live table shows. Counts are since the start of this copy, over all restarts of the modules. */
export interface SuiteFigures {
  readonly framesIn: number;
  readonly inferredPerSecond: number;
  readonly redacted: number;
  readonly uploaded: number;
  /** Items waiting in all stores together. */
  readonly queue: number;
  readonly dropped: number;
  readonly quarantined: number;
  readonly modules: readonly ModuleFigures[];
}

const COUNTERS = {
  framesIn: 'edgeveil_frames_in_total',
  inferred: 'edgeveil_frames_inferred_total',
  redacted: 'edgeveil_frames_redacted_total',
  uploaded: 'edgeveil_evidence_uploaded_total',
  dropped: 'edgeveil_frames_dropped_total',
  quarantined: 'edgeveil_quarantined_total',
} as const;
type Counter = keyof typeof COUNTERS;

/** Reads the modules' own metrics, as the metrics collector of a real device would, and adds them up. */
export class SuiteFiguresReader {
  readonly #edge: LocalEdge;
  readonly #totals = new Map<string, RunningTotal>();
  #previousInferred = 0;
  #previousAt = performance.now();

  constructor(edge: LocalEdge) {
    this.#edge = edge;
  }

  async read(): Promise<SuiteFigures> {
    const scraped = await Promise.all(
      this.#edge.modules().map(async (status) => ({ status, samples: await this.#scrape(status.module) })),
    );
    const elapsedSeconds = Math.max(0.001, (performance.now() - this.#previousAt) / 1000);
    this.#previousAt += elapsedSeconds * 1000;

    const sums: Record<Counter, number> = {
      framesIn: 0,
      inferred: 0,
      redacted: 0,
      uploaded: 0,
      dropped: 0,
      quarantined: 0,
    };
    let queue = 0;
    const modules: ModuleFigures[] = [];
    for (const { status, samples } of scraped) {
      for (const counter of Object.keys(COUNTERS) as Counter[]) {
        sums[counter] += this.#total(`${status.module} ${counter}`).add(sumOf(samples, COUNTERS[counter]));
      }
      queue += sumOf(samples, 'edgeveil_queue_items');
      const cpu = this.#total(`${status.module} cpu`);
      const before = cpu.value;
      modules.push({
        name: status.module,
        status: status.runtimeStatus,
        restarts: status.restartCount,
        cpuPercent: ((cpu.add(sumOf(samples, 'process_cpu_seconds_total')) - before) / elapsedSeconds) * 100,
        memoryBytes: sumOf(samples, 'process_resident_memory_bytes'),
      });
    }
    const inferredPerSecond = (sums.inferred - this.#previousInferred) / elapsedSeconds;
    this.#previousInferred = sums.inferred;
    return { ...sums, inferredPerSecond, queue, modules };
  }

  /** A module that is down or has no hub yet has no figures: its counters stand still. */
  async #scrape(name: string): Promise<Sample[]> {
    const port = httpPortOf(this.#edge.reported(name));
    if (port === undefined) return [];
    try {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(800) });
      return parsePrometheusText(await response.text());
    } catch {
      return [];
    }
  }

  #total(key: string): RunningTotal {
    const existing = this.#totals.get(key);
    if (existing !== undefined) return existing;
    const created = new RunningTotal();
    this.#totals.set(key, created);
    return created;
  }
}

function httpPortOf(reported: Readonly<Record<string, unknown>>): number | undefined {
  const http = reported.http;
  if (typeof http !== 'object' || http === null || !('port' in http)) return undefined;
  return typeof http.port === 'number' ? http.port : undefined;
}

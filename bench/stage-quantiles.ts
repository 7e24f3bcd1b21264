import type { Sample } from '../tools/cli/src/start/prometheus-text.ts';

export interface StageQuantiles {
  readonly stage: string;
  readonly count: number;
  readonly medianMs: number;
  readonly p95Ms: number;
}

interface Bucket {
  readonly le: number;
  readonly count: number;
}

/** Median and 95th percentile of each stage out of the modules' histograms, interpolated inside a bucket. */
export function stageQuantiles(samples: readonly Sample[]): StageQuantiles[] {
  const stages = new Map<string, Bucket[]>();
  for (const { name, labels, value } of samples) {
    if (name !== 'edgeveil_stage_seconds_bucket' || labels.stage === undefined) continue;
    const buckets = stages.get(labels.stage) ?? [];
    buckets.push({ le: labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le), count: value });
    stages.set(labels.stage, buckets);
  }
  return [...stages].map(([stage, buckets]) => {
    buckets.sort((a, b) => a.le - b.le);
    return {
      stage,
      count: buckets.at(-1)?.count ?? 0,
      medianMs: quantile(buckets, 0.5) * 1000,
      p95Ms: quantile(buckets, 0.95) * 1000,
    };
  });
}

function quantile(buckets: readonly Bucket[], share: number): number {
  const wanted = (buckets.at(-1)?.count ?? 0) * share;
  let lower = { le: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= wanted) {
      if (!Number.isFinite(bucket.le) || bucket.count === lower.count) return lower.le;
      return lower.le + ((bucket.le - lower.le) * (wanted - lower.count)) / (bucket.count - lower.count);
    }
    lower = bucket;
  }
  return lower.le;
}

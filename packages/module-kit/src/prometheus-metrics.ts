import { InternalError } from '@edgeveil/contracts';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { GaugeOptions, HistogramOptions, MetricOptions, Metrics } from './metrics.ts';

const PREFIX = 'edgeveil_';
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** `Metrics` on a registry of its own, with the default metrics of a Node.js process. */
export class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry();

  constructor(options: { readonly module: string; readonly withProcessMetrics?: boolean }) {
    this.#registry.setDefaultLabels({ module: options.module });
    if (options.withProcessMetrics === true) collectDefaultMetrics({ register: this.#registry });
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;

  /** All metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  counter<Label extends string = never>({ name, help, labelNames = [] }: MetricOptions<Label>): Counter<Label> {
    const known = this.#known(name, Counter<Label>);
    return known ?? new Counter({ name: PREFIX + name, help, labelNames, registers: [this.#registry] });
  }

  gauge<Label extends string = never>({ name, help, labelNames = [], collect }: GaugeOptions<Label>): Gauge<Label> {
    const known = this.#known(name, Gauge<Label>);
    if (known !== undefined) return known;
    return new Gauge({
      name: PREFIX + name,
      help,
      labelNames,
      registers: [this.#registry],
      ...(collect === undefined
        ? {}
        : {
            collect() {
              return collect(this);
            },
          }),
    });
  }

  histogram<Label extends string = never>(options: HistogramOptions<Label>): Histogram<Label> {
    const { name, help, labelNames = [], buckets = SECONDS } = options;
    const known = this.#known(name, Histogram<Label>);
    return (
      known ??
      new Histogram({ name: PREFIX + name, help, labelNames, buckets: [...buckets], registers: [this.#registry] })
    );
  }

  #known<Kind>(name: string, kind: new (...options: never[]) => Kind): Kind | undefined {
    const metric: unknown = this.#registry.getSingleMetric(PREFIX + name);
    if (metric === undefined || metric instanceof kind) return metric;
    throw new InternalError('METRIC_KIND_CONFLICT', `metric ${PREFIX}${name} exists as another kind`);
  }
}

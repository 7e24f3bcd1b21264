import type { Counter, Gauge, Histogram } from 'prom-client';

export interface MetricOptions<Label extends string> {
  /** Without the prefix `edgeveil_`, which is added. */
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly Label[];
}

export interface GaugeOptions<Label extends string> extends MetricOptions<Label> {
  /** Called at each scrape, to set the gauge to what holds just then. A failure is logged by nobody: let it not throw. */
  readonly collect?: (gauge: Gauge<Label>) => void | Promise<void>;
}

export interface HistogramOptions<Label extends string> extends MetricOptions<Label> {
  /** Upper bounds in the metric's unit; 1 ms to 60 s when not given. */
  readonly buckets?: readonly number[];
}

/**
 * Makes the module's metrics, all named `edgeveil_…` and labelled `module`. Asking twice for one name gives the same
 * metric; asking for it as another kind is an InternalError `METRIC_KIND_CONFLICT`.
 */
export interface Metrics {
  counter<Label extends string = never>(options: MetricOptions<Label>): Counter<Label>;
  gauge<Label extends string = never>(options: GaugeOptions<Label>): Gauge<Label>;
  histogram<Label extends string = never>(options: HistogramOptions<Label>): Histogram<Label>;
}

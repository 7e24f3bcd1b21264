import assert from 'node:assert/strict';
import { PrometheusMetrics } from './prometheus-metrics.ts';

describe('PrometheusMetrics', () => {
  it('prefixes names, labels the module, and gives one metric for one name', async () => {
    const metrics = new PrometheusMetrics({ module: 'ingest' });
    metrics.counter({ name: 'frames_in_total', help: 'h', labelNames: ['source'] }).inc({ source: 'dock' });
    metrics.counter({ name: 'frames_in_total', help: 'h', labelNames: ['source'] }).inc({ source: 'dock' });
    assert.match(await metrics.text(), /edgeveil_frames_in_total\{source="dock",module="ingest"\} 2/);
  });

  it('asks a gauge for its value at each scrape', async () => {
    const metrics = new PrometheusMetrics({ module: 'm' });
    let items = 1;
    metrics.gauge({ name: 'queue_items', help: 'h', collect: (gauge) => gauge.set(items) });
    assert.match(await metrics.text(), /edgeveil_queue_items\{module="m"\} 1/);
    items = 7;
    assert.match(await metrics.text(), /edgeveil_queue_items\{module="m"\} 7/);
  });

  it('refuses one name for two kinds', () => {
    const metrics = new PrometheusMetrics({ module: 'm' });
    metrics.counter({ name: 'x', help: 'h' });
    assert.throws(() => metrics.gauge({ name: 'x', help: 'h' }), { code: 'METRIC_KIND_CONFLICT' });
  });

  it('has the metrics of the process where asked', async () => {
    const metrics = new PrometheusMetrics({ module: 'm', withProcessMetrics: true });
    assert.match(await metrics.text(), /process_resident_memory_bytes\{module="m"\} \d/);
  });
});

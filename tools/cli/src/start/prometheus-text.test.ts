import assert from 'node:assert/strict';
import { parsePrometheusText, sumOf } from './prometheus-text.ts';

const TEXT = `# HELP edgeveil_frames_in_total Frames taken in
# TYPE edgeveil_frames_in_total counter
edgeveil_frames_in_total{source="gate",module="ingest"} 12
edgeveil_frames_in_total{source="dock \\"1\\"",module="ingest"} 30

process_resident_memory_bytes 1.5e8 1700000000000
not a sample
`;

describe('parsePrometheusText', () => {
  const samples = parsePrometheusText(TEXT);

  it('reads names, labels and values and passes over everything else', () => {
    assert.equal(samples.length, 3);
    assert.deepEqual(samples[1], {
      name: 'edgeveil_frames_in_total',
      labels: { source: 'dock "1"', module: 'ingest' },
      value: 30,
    });
  });

  it('gives samples that can be summed over the labels asked for', () => {
    assert.equal(sumOf(samples, 'edgeveil_frames_in_total'), 42);
    assert.equal(sumOf(samples, 'edgeveil_frames_in_total', { source: 'gate' }), 12);
    assert.equal(sumOf(samples, 'absent'), 0);
  });
});

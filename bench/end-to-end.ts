import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dropPicture } from '../test/end-to-end/drop-picture.ts';
import { startTestSuite, type TestSuite } from '../test/end-to-end/test-suite.ts';
import { parsePrometheusText, type Sample } from '../tools/cli/src/start/prometheus-text.ts';
import { peakMemory } from './peak-memory.ts';
import { type StageQuantiles, stageQuantiles } from './stage-quantiles.ts';

export interface EndToEndResult {
  readonly framesPerSecond: number;
  readonly stages: readonly StageQuantiles[];
  /** Peak memory of each module, and of the process that holds the hub and this benchmark. */
  readonly peakBytes: ReadonlyMap<string, number>;
}

/** From files in a folder, through four modules, to verified blobs in Azurite. */
export async function benchEndToEnd(scenes: readonly Buffer[]): Promise<EndToEndResult> {
  const dir = await mkdtemp(join(tmpdir(), 'edgeveil-bench-'));
  const suite = await startTestSuite({ dir, twins: {} });
  const folder = join(suite.sourcesDir, 'dropped');
  try {
    const [warmUp, ...rest] = scenes;
    if (warmUp === undefined) throw new Error('no scenes');
    await dropPicture(folder, 'warm-up.jpg', warmUp);
    await suite.waitForUploads(1);

    const started = performance.now();
    await Promise.all(rest.map((jpeg, index) => dropPicture(folder, `${index}.jpg`, jpeg)));
    await suite.waitForUploads(scenes.length);
    const seconds = (performance.now() - started) / 1000;

    const peakBytes = new Map([['hub and agent', await peakMemory(process.pid)]]);
    for (const [module, pid] of suite.pids()) peakBytes.set(module, await peakMemory(pid));
    return { framesPerSecond: rest.length / seconds, stages: stageQuantiles(await scrape(suite)), peakBytes };
  } finally {
    await suite.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function scrape(suite: TestSuite): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const module of suite.pids().keys()) {
    const { port } = suite.reported(module).http as { readonly port: number };
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    samples.push(...parsePrometheusText(await response.text()));
  }
  return samples;
}

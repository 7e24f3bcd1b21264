import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { policySchema } from '@edgeveil/contracts';
import { Detector } from '@edgeveil/inference';
import { redactPicture } from '@edgeveil/redact';
import { describePicture } from '../tools/cli/src/describe-picture.ts';
import { peakMemory } from './peak-memory.ts';

export interface OneProcessResult {
  readonly framesPerSecond: number;
  readonly peakBytes: number;
}

/** As many pictures under way as the suite's modules have together. */
const CONCURRENCY = 4;

const dir = process.argv[2] ?? '.';
const policy = policySchema.parse({});
const detector = await Detector.open({ model: 'demo-scenes' });

async function work(name: string): Promise<void> {
  const path = join(dir, name);
  const bytes = await readFile(path);
  const frame = await describePicture(bytes, { path, name });
  const [detections = []] = await detector.detect([{ bytes }]);
  const { identity: model, labels } = detector;
  await redactPicture({ bytes, frame, model, labels, detections, policy, jpegQuality: 82 });
}

const names = await readdir(dir);
const [warmUp] = names;
if (warmUp !== undefined) await work(warmUp);
const started = performance.now();
const waiting = [...names];
await Promise.all(
  Array.from({ length: CONCURRENCY }, async () => {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) await work(name);
  }),
);
const seconds = (performance.now() - started) / 1000;
const result: OneProcessResult = { framesPerSecond: names.length / seconds, peakBytes: await peakMemory(process.pid) };
await detector.close();
process.send?.(result);
process.disconnect();

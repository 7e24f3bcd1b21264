import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { policySchema } from '@edgeveil/contracts';
import { Detector } from '@edgeveil/inference';
import { probePicture } from '@edgeveil/picture-codec';
import { redactPicture } from '@edgeveil/redact';
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
  const bytes = await readFile(join(dir, name));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { format, width, height } = await probePicture(bytes);
  const [detections = []] = await detector.detect([{ bytes }]);
  const frame = {
    id: `000000000-${sha256.slice(0, 24)}`,
    source: 'bench',
    guarantee: 'guaranteed' as const,
    capturedAt: new Date().toISOString(),
    format,
    width,
    height,
    bytes: bytes.length,
    sha256,
  };
  await redactPicture({
    bytes,
    frame,
    model: detector.identity,
    labels: detector.labels,
    detections,
    policy,
    jpegQuality: 82,
  });
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

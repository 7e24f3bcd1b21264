/**
 * Redacts scenes as the deployment does and looks at the result with the same model: whatever is found again at the place
 * of a true face or plate was not hidden from the detector.
 *
 *   node tools/demo/training/evaluate-hidden.ts [--model DIR] [--from 300000] [--count 300]
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { policySchema } from '@edgeveil/contracts';
import { Detector } from '@edgeveil/inference';
import { redactPicture } from '@edgeveil/redact';
import { generateScene, kindOf } from '../src/index.ts';

const THRESHOLDS = [0.1, 0.25] as const;

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'modules/inference/models/demo-scenes' },
    from: { type: 'string', default: '300000' },
    count: { type: 'string', default: '300' },
  },
});

const again = new Map<string, number>(THRESHOLDS.map((threshold) => [String(threshold), 0]));
const policy = policySchema.parse({});
let hidden = 0;

await using detector = await Detector.open({ model: values.model, threads: 2 });
for (let seed = Number(values.from); seed < Number(values.from) + Number(values.count); seed++) {
  const { jpeg, truth } = await generateScene({ kind: kindOf(seed), seed });
  const [detections = []] = await detector.detect([{ bytes: jpeg }]);
  const { picture } = await redactPicture({
    bytes: jpeg,
    frame: {
      id: `scene-${seed}`,
      source: 'scenes',
      guarantee: 'guaranteed',
      capturedAt: '2026-01-01T00:00:00.000Z',
      width: truth.width,
      height: truth.height,
      sha256: createHash('sha256').update(jpeg).digest('hex'),
    },
    model: detector.identity,
    labels: detector.labels,
    detections,
    policy,
    jpegQuality: 85,
  });
  const [after = []] = await detector.detect([{ bytes: picture }]);
  for (const { label, box } of truth.objects) {
    if (label !== 'face' && label !== 'plate') continue;
    hidden++;
    for (const threshold of THRESHOLDS) {
      const left = after.find((one) => one.label === label && one.score >= threshold && holdsMiddle(box, one.box));
      if (!left) continue;
      again.set(String(threshold), (again.get(String(threshold)) ?? 0) + 1);
      if (threshold === 0.25)
        console.log(`${kindOf(seed)} ${seed} ${label} [${box.join(', ')}] again ${left.score.toFixed(2)}`);
    }
  }
}
for (const [threshold, count] of again)
  console.log(`found again from ${threshold}: ${count} of ${hidden} faces and plates`);

/** Whether the middle of one box lies in the other, either way round. */
function holdsMiddle(a: Box, b: Box): boolean {
  return contains(a, b) || contains(b, a);
}

type Box = readonly [number, number, number, number];

function contains([x, y, width, height]: Box, [bx, by, bw, bh]: Box): boolean {
  const [cx, cy] = [bx + bw / 2, by + bh / 2];
  return cx >= x && cx <= x + width && cy >= y && cy <= y + height;
}

import { createHash } from 'node:crypto';
import { type Detection, policySchema } from '@edgeveil/contracts';
import { redactPicture } from '@edgeveil/redact';
import type { Scene } from '../src/index.ts';
import type { Random } from '../src/random.ts';

// What redact hides by default.
const HIDDEN = ['face', 'plate'];
// A detector's boxes are not those of the truth; nor need they be, for the result to be hidden.
const PLAY = 0.1;

/**
 * The scene after the redact module has been at it, with most of its faces and plates hidden and gone from the truth: a
 * detector that finds them nevertheless would report what nobody can recognise.
 */
export async function hideObjects({ jpeg, truth }: Scene, random: Random): Promise<Scene> {
  const share = random.pick([1, 1, 1, 0.6]);
  const hidden = new Set(truth.objects.filter(({ label }) => HIDDEN.includes(label) && random.chance(share)));
  const play = (side: number): number => side * random.range(-PLAY, PLAY);
  const detections: Detection[] = [...hidden].map(({ label, box: [x, y, width, height] }) => ({
    label,
    score: 1,
    box: [x + play(width), y + play(height), width + play(width), height + play(height)],
  }));
  const { picture } = await redactPicture({
    bytes: jpeg,
    frame: {
      id: 'scene',
      source: 'scenes',
      guarantee: 'guaranteed',
      capturedAt: '2026-01-01T00:00:00.000Z',
      width: truth.width,
      height: truth.height,
      sha256: createHash('sha256').update(jpeg).digest('hex'),
    },
    model: { name: 'truth', version: '1', sha256: '0'.repeat(64) },
    labels: HIDDEN,
    detections,
    policy: policySchema.parse({
      method: random.pick(['pixelate', 'pixelate', 'pixelate', 'pixelate', 'blur', 'solid']),
    }),
    jpegQuality: random.int(78, 92),
  });
  return { jpeg: picture, truth: { ...truth, objects: truth.objects.filter((object) => !hidden.has(object)) } };
}

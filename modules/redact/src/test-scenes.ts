import { createHash } from 'node:crypto';
import { type Box, type Detection, type ModelIdentity, type Policy, policySchema } from '@edgeveil/contracts';
import type { FrameIdentity } from './redact-picture.ts';

/** Pixels as tests make and compare them. */
export interface Scene {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
}

/** Paints each pixel from its place: a grey, or red, green and blue. */
export function paint(width: number, height: number, colourAt: (x: number, y: number) => number | number[]): Scene {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const colour = colourAt(x, y);
      data.set(typeof colour === 'number' ? [colour, colour, colour] : colour, (y * width + x) * 3);
    }
  return { data, width, height, channels: 3 };
}

/** Soft colours that JPEG keeps well, with different values everywhere. */
export function landscape(width: number, height: number): Scene {
  return paint(width, height, (x, y) => [
    128 + 100 * Math.sin(x / 37 + y / 91),
    128 + 100 * Math.sin(y / 53),
    128 + 100 * Math.cos(x / 71 - y / 47),
  ]);
}

/** Squares of `side` pixels in black and white: the strongest detail there is. */
export function checkerboard(width: number, height: number, side: number): Scene {
  return paint(width, height, (x, y) => ((Math.floor(x / side) + Math.floor(y / side)) % 2 === 0 ? 20 : 235));
}

/** Random pixels, the same ones for the same seed. */
export function noise(width: number, height: number, seed = 1): Scene {
  const random = randomBytes(seed);
  return paint(width, height, () => [random(), random(), random()]);
}

/** A line of dark characters of 5×7 dots on a light ground, `dot` pixels a dot: a plate. Each seed is another text. */
export function plate(characters: number, dot: number, seed: number): Scene {
  const random = randomBytes(seed);
  const glyphs = Array.from({ length: characters }, () => Array.from({ length: 35 }, () => random() < 128));
  return paint((characters * 6 + 1) * dot, 9 * dot, (x, y) => {
    const column = Math.floor(x / dot) - 1;
    const row = Math.floor(y / dot) - 1;
    const isInk = column % 6 < 5 && row >= 0 && row < 7 && glyphs[Math.floor(column / 6)]?.[row * 5 + (column % 6)];
    return isInk === true ? 25 : 225;
  });
}

function randomBytes(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  };
}

export function copyOf(scene: Scene): Scene {
  return { ...scene, data: Buffer.from(scene.data) };
}

export function policyOf(overrides: Partial<Policy> = {}): Policy {
  return policySchema.parse({ labels: ['face'], ...overrides });
}

export function face(box: Box, label = 'face'): Detection {
  return { label, score: 0.9, box };
}

export const MODEL: ModelIdentity = { name: 'test', version: '1', sha256: 'a'.repeat(64) };

export function frameOf(bytes: Buffer, width: number, height: number): FrameIdentity {
  return {
    id: '0mh1abcde-0123456789abcdef01234567',
    source: 'gate',
    guarantee: 'guaranteed',
    capturedAt: '2026-01-31T10:00:00.000Z',
    width,
    height,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** Whether a pixel lies in one of the boxes, each grown by `reach` pixels. */
export function isInside(x: number, y: number, boxes: readonly Box[], reach = 0): boolean {
  return boxes.some(
    ([left, top, width, height]) =>
      x >= left - reach && y >= top - reach && x < left + width + reach && y < top + height + reach,
  );
}

/** Mean absolute difference over the pixels that `where` picks. */
export function meanDifference(a: Scene, b: Scene, where: (x: number, y: number) => boolean): number {
  let sum = 0;
  let count = 0;
  for (let y = 0; y < a.height; y++)
    for (let x = 0; x < a.width; x++) {
      if (!where(x, y)) continue;
      for (let channel = 0; channel < 3; channel++) {
        const at = (y * a.width + x) * 3 + channel;
        sum += Math.abs((a.data[at] ?? 0) - (b.data[at] ?? 0));
        count += 1;
      }
    }
  return sum / count;
}

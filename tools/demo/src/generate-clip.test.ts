import assert from 'node:assert/strict';
import type { Actor } from './actor.ts';
import { generateClip } from './generate-clip.ts';
import type { Scene } from './generate-scene.ts';
import { planScene } from './scene-plan.ts';

describe('generateClip', () => {
  it('gives as many frames as asked for, all of the fixed camera, none like the other', async () => {
    const frames: Scene[] = [];
    for await (const frame of generateClip({ kind: 'gate', seed: 4, frameCount: 4, width: 320, height: 180 }))
      frames.push(frame);
    assert.equal(frames.length, 4);
    assert.equal(new Set(frames.map(({ jpeg }) => jpeg.toString('base64'))).size, 4);
  });

  it('draws nothing ahead of who pulls', async () => {
    const clip = generateClip({ kind: 'loading-dock', seed: 4, frameCount: 1_000_000 });
    const first = await clip.next();
    await clip.return();
    assert.equal(first.done, false);
  });

  for (const kind of ['loading-dock', 'gate', 'shop-floor'] as const) {
    it(`moves everything in a ${kind} smoothly, from the last frame to the first as well`, () => {
      const frameCount = 200;
      planScene(kind, 21).movers.forEach((mover, index) => {
        for (let frame = 0; frame < frameCount; frame++) {
          const before = middle(mover(frame / frameCount));
          const after = middle(mover(((frame + 1) % frameCount) / frameCount));
          // Who leaves at one edge enters at the other, and what drives out below enters far away.
          if (before.x < 0 || before.x > 1280 || before.size > 500) continue;
          if (Math.min(before.size, after.size) < 60) continue;
          const step = Math.hypot(after.x - before.x, after.y - before.y);
          assert.ok(step < 60, `mover ${index}, frame ${frame}: ${step} pixels`);
        }
      });
    });
  }
});

function middle(actor: Actor): { x: number; y: number; size: number } {
  const points = actor.draw(true).stamps.flatMap(({ polygon }) => polygon);
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, right, top, low] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return { x: (left + right) / 2, y: (top + low) / 2, size: right - left };
}

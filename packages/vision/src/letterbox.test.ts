import assert from 'node:assert/strict';
import type { Box } from '@edgeveil/contracts';
import { fromInput, planLetterbox, toInput } from './letterbox.ts';

const square = { width: 640, height: 640 };

describe('letterbox', () => {
  it('puts the picture in the middle or in the corner', () => {
    const original = { width: 1920, height: 1080 };
    const centred = planLetterbox(original, { ...square, resize: 'letterbox', anchor: 'centre' });
    assert.deepEqual(centred.content, { x: 0, y: 140, width: 640, height: 360 });
    const cornered = planLetterbox(original, { ...square, resize: 'letterbox', anchor: 'top-left' });
    assert.deepEqual(cornered.content, { x: 0, y: 0, width: 640, height: 360 });
  });

  it('fills the input when it stretches', () => {
    const plan = planLetterbox({ width: 100, height: 700 }, { ...square, resize: 'stretch', anchor: 'centre' });
    assert.deepEqual(plan.content, { x: 0, y: 0, width: 640, height: 640 });
    assert.deepEqual(toInput(plan, [50, 350, 10, 70]), [320, 320, 64, 64]);
  });

  it('enlarges small pictures and never makes a side empty', () => {
    const small = planLetterbox({ width: 32, height: 16 }, { ...square, resize: 'letterbox', anchor: 'top-left' });
    assert.deepEqual(small.content, { x: 0, y: 0, width: 640, height: 320 });
    const line = planLetterbox({ width: 9000, height: 1 }, { ...square, resize: 'letterbox', anchor: 'centre' });
    assert.equal(line.content.height, 1);
  });

  it('maps a box to the input and back to the same pixels', () => {
    for (const resize of ['letterbox', 'stretch'] as const) {
      for (const anchor of ['centre', 'top-left'] as const) {
        for (const original of [
          { width: 1920, height: 1080 },
          { width: 333, height: 777 },
          { width: 64, height: 48 },
        ]) {
          const plan = planLetterbox(original, { width: 416, height: 320, resize, anchor });
          const box: Box = [10.25, 7.5, original.width / 3, original.height / 4];
          fromInput(plan, toInput(plan, box)).forEach((value, index) => {
            assert.ok(Math.abs(value - (box[index] ?? Number.NaN)) < 1e-9, `${resize} ${anchor} ${value}`);
          });
        }
      }
    }
  });

  it('fills the input with the middle of a cropped picture, and maps boxes of it back', () => {
    const plan = planLetterbox(
      { width: 200, height: 100 },
      { width: 50, height: 50, resize: 'crop', anchor: 'centre' },
    );
    assert.deepEqual(plan.content, { x: -25, y: 0, width: 100, height: 50 });
    assert.deepEqual(fromInput(plan, [0, 0, 50, 50]), [50, 0, 100, 100]);
  });

  it('enlarges a small picture by no more than it may', () => {
    const rule = { ...square, resize: 'letterbox', anchor: 'centre' } as const;
    const plan = planLetterbox({ width: 40, height: 20 }, rule, 4);
    assert.deepEqual([plan.content.width, plan.content.height], [160, 80]);
    assert.equal(plan.content.x, (square.width - 160) / 2);
    assert.deepEqual(fromInput(plan, [plan.content.x, plan.content.y, 80, 80]), [0, 0, 20, 20]);
  });

  it('gives a box in the padding no area', () => {
    const plan = planLetterbox({ width: 1920, height: 1080 }, { ...square, resize: 'letterbox', anchor: 'top-left' });
    const [, , width, height] = fromInput(plan, [100, 400, 50, 50]);
    assert.equal(width * height, 0);
  });
});

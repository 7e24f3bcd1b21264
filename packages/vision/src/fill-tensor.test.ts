import assert from 'node:assert/strict';
import { InternalError } from '@edgeveil/contracts';
import { fillTensor, type TensorFormat } from './fill-tensor.ts';
import { planLetterbox } from './letterbox.ts';

const plain: TensorFormat = {
  layout: 'nchw',
  channels: 'rgb',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  pad: 114,
};
// Two pixels beside each other: 1,2,3 and 4,5,6.
const pixels = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 2, height: 1 };
const plan = planLetterbox(pixels, { width: 2, height: 3, resize: 'letterbox', anchor: 'centre' });

function filled(format: Partial<TensorFormat>): number[] {
  // Something to overwrite: every value must be written.
  const target = new Float32Array(18).fill(Number.NaN);
  fillTensor(target, pixels, plan, { ...plain, ...format });
  return [...target];
}

describe('fillTensor', () => {
  it('writes planes with padding around the picture', () => {
    assert.deepEqual(filled({}), [114, 114, 1, 4, 114, 114, 114, 114, 2, 5, 114, 114, 114, 114, 3, 6, 114, 114]);
  });

  it('writes interleaved pixels', () => {
    const pad = [114, 114, 114, 114, 114, 114];
    assert.deepEqual(filled({ layout: 'nhwc' }), [...pad, 1, 2, 3, 4, 5, 6, ...pad]);
  });

  it('writes one channel of luma for grey, with padding around it', () => {
    const target = new Float32Array(6).fill(Number.NaN);
    fillTensor(target, pixels, plan, { ...plain, channels: 'grey' });
    const rounded = [...target].map((value) => Math.round(value * 1000) / 1000);
    assert.deepEqual(rounded, [114, 114, 1.815, 4.815, 114, 114]);
  });

  it('swaps red and blue, and takes mean and std in that order', () => {
    const pad = [0, 0, 0, 0, 0, 0];
    const found = filled({ layout: 'nhwc', channels: 'bgr', pad: 0, mean: [1, 0, 0], std: [2, 1, 1] });
    assert.deepEqual(found.slice(6, 12), [1, 2, 1, 2.5, 5, 4]);
    assert.deepEqual(
      found.slice(0, 6),
      pad.map((_, index) => (index % 3 === 0 ? -0.5 : 0)),
    );
  });

  it('normalises pixels and padding alike', () => {
    const found = filled({ scale: 1 / 255, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] });
    const expected = (value: number): number => Math.fround((value / 255 - 0.5) / 0.25);
    assert.ok(Math.abs((found[0] ?? 9) - expected(114)) < 1e-6);
    assert.ok(Math.abs((found[2] ?? 9) - expected(1)) < 1e-6);
  });

  it('writes bytes as they are, and only the middle of a cropped picture', () => {
    const row = { data: Uint8Array.of(9, 9, 9, 1, 2, 3, 4, 5, 6, 9, 9, 9), width: 4, height: 1 };
    const crop = planLetterbox(row, { width: 2, height: 1, resize: 'crop', anchor: 'centre' });
    const target = new Uint8Array(6);
    fillTensor(target, row, crop, { ...plain, layout: 'nhwc' });
    assert.deepEqual([...target], [1, 2, 3, 4, 5, 6]);
    const planes = new Float32Array(6);
    fillTensor(planes, row, crop, plain);
    assert.deepEqual([...planes], [1, 4, 2, 5, 3, 6]);
  });

  it('resizes pixels that have not the planned size', () => {
    const grey = { data: new Uint8Array(8 * 4 * 3).fill(77), width: 8, height: 4 };
    const target = new Float32Array(18);
    fillTensor(target, grey, plan, plain);
    assert.deepEqual(target.slice(2, 4), Float32Array.of(77, 77));
  });

  it('interpolates between pixel centres', () => {
    const wide = planLetterbox({ width: 2, height: 1 }, { width: 4, height: 2, resize: 'letterbox', anchor: 'centre' });
    const target = new Float32Array(24);
    fillTensor(target, { data: Uint8Array.of(0, 0, 0, 100, 100, 100), width: 2, height: 1 }, wide, plain);
    assert.deepEqual(target.slice(0, 4), Float32Array.of(0, 25, 75, 100));
  });

  it('refuses buffers of another size', () => {
    assert.throws(() => fillTensor(new Float32Array(17), pixels, plan, plain), InternalError);
  });
});

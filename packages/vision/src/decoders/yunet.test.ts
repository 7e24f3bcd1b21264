import assert from 'node:assert/strict';
import { ConfigError } from '@edgeveil/contracts';
import { contextOf, yunetOutputs } from './test-outputs.ts';
import { decodeYunet } from './yunet.ts';

describe('decodeYunet', () => {
  it('takes the root of class and objectness, and places the box by its cell', () => {
    // Stride 8, cell 10 of 8 columns: column 2, row 1.
    const outputs = yunetOutputs({
      cls_8: { 10: [1] },
      obj_8: { 10: [0.5625] },
      bbox_8: { 10: [0.5, 0.5, 0, 0] },
    });
    assert.deepEqual(decodeYunet(outputs, contextOf(['face'])), [{ label: 'face', score: 0.75, box: [16, 8, 8, 8] }]);
  });

  it('cuts class and objectness to 0..1 before it multiplies them', () => {
    const outputs = yunetOutputs({ cls_32: { 0: [4], 1: [-2] }, obj_32: { 0: [0.25], 1: [-2] } });
    assert.deepEqual(
      decodeYunet(outputs, contextOf(['face'])).map(({ score }) => score),
      [0.5],
    );
  });

  it('drops scores that are not numbers', () => {
    const outputs = yunetOutputs({ cls_8: { 0: [Number.NaN] }, obj_8: { 0: [1] } });
    assert.deepEqual(decodeYunet(outputs, contextOf(['face'], { score: 0.1 })), []);
  });

  it('names an output that is missing or has another shape', () => {
    const { kps_16: _, ...others } = yunetOutputs({});
    assert.throws(
      () => decodeYunet(others, contextOf(['face'])),
      (error) => error instanceof ConfigError && error.message.includes('kps_16 float32 [1,16,10]'),
    );
    const reshaped = { ...yunetOutputs({}), cls_8: { dims: [1, 65, 1], data: new Float32Array(65) } };
    assert.throws(
      () => decodeYunet(reshaped, contextOf(['face'])),
      (error) => error instanceof ConfigError && /cls_8 float32 \[1,64,1\].*\[1,65,1\]/.test(error.message),
    );
  });
});

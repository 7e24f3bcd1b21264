import assert from 'node:assert/strict';
import { renderSvg } from './render-svg.ts';

describe('renderSvg', () => {
  it('draws at the given size on white', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="5" height="10" fill="#f00"/></svg>';
    const pixels = await renderSvg(svg, { width: 40, height: 40 });
    assert.deepEqual([pixels.width, pixels.height, pixels.data.length], [40, 40, 4800]);
    assert.deepEqual([...pixels.data.subarray(0, 3)], [255, 0, 0]);
    assert.deepEqual([...pixels.data.subarray(39 * 3, 40 * 3)], [255, 255, 255]);
  });

  it('refuses what is no SVG', async () => {
    await assert.rejects(renderSvg('<svg', { width: 4, height: 4 }), { name: 'RejectedError', code: 'SVG_INVALID' });
  });
});

import assert from 'node:assert/strict';
import type { Box } from '@edgeveil/contracts';
import { MAX_TILES, planTiles } from './plan-tiles.ts';

const INPUT = { width: 640, height: 640 };

function assertCovers(tiles: readonly Box[], { width, height }: { width: number; height: number }): void {
  const epsilon = 1e-6;
  for (const [x, y, w, h] of tiles) {
    assert.ok(x >= 0 && y >= 0 && x + w <= width + epsilon && y + h <= height + epsilon, 'inside the picture');
  }
  // Every pixel of a coarse grid, and the corners.
  for (let x = 0; x <= 40; x += 1) {
    for (let y = 0; y <= 40; y += 1) {
      const [px, py] = [(width * x) / 40, (height * y) / 40];
      const isCovered = tiles.some(
        ([left, top, w, h]) =>
          px >= left - epsilon && px <= left + w + epsilon && py >= top - epsilon && py <= top + h + epsilon,
      );
      assert.ok(isCovered, `${px}, ${py}`);
    }
  }
}

describe('planTiles', () => {
  it('cuts as many rows and columns as asked for, with the overlap', () => {
    const picture = { width: 1920, height: 1080 };
    const tiles = planTiles(picture, { rows: 2, columns: 3, overlap: 0.2 }, INPUT);
    assert.equal(tiles.length, 6);
    assertCovers(tiles, picture);
    const [first, second] = tiles;
    assert.ok(first !== undefined && second !== undefined);
    assert.ok(Math.abs((first[0] + first[2] - second[0]) / first[2] - 0.2) < 1e-9);
  });

  it('cuts tiles of the size of the input when nothing else is said', () => {
    const picture = { width: 1920, height: 1080 };
    const tiles = planTiles(picture, { overlap: 0.1 }, INPUT);
    assertCovers(tiles, picture);
    assert.deepEqual([...new Set(tiles.map(([, , w, h]) => `${w}x${h}`))], ['640x640']);
    assert.equal(tiles.length, 8);
  });

  it('cuts tiles of a size in pixels of the picture, in the shape of the input', () => {
    const tiles = planTiles(
      { width: 4000, height: 3000 },
      { tileSize: 1280, overlap: 0.25 },
      { width: 640, height: 480 },
    );
    assert.deepEqual([...new Set(tiles.map(([, , w, h]) => `${w}x${h}`))], ['1280x960']);
    assertCovers(tiles, { width: 4000, height: 3000 });
  });

  it('leaves a picture whole that fits one tile', () => {
    assert.deepEqual(planTiles({ width: 500, height: 300 }, { overlap: 0.2 }, INPUT), [[0, 0, 500, 300]]);
  });

  it('cuts larger tiles where there would be too many', () => {
    const picture = { width: 12_000, height: 9000 };
    const tiles = planTiles(picture, { tileSize: 32, overlap: 0.5 }, INPUT);
    assert.ok(tiles.length <= MAX_TILES && tiles.length > MAX_TILES / 2, `${tiles.length}`);
    assertCovers(tiles, picture);
  });

  it('overlaps neighbours by the planned share at least, for any size', () => {
    for (const width of [641, 700, 1000, 1280, 1921]) {
      const tiles = planTiles({ width, height: 640 }, { overlap: 0.3 }, INPUT);
      tiles.slice(1).forEach(([x], index) => {
        assert.ok((tiles[index]?.[0] ?? 0) + 640 - x >= 0.3 * 640 - 1e-3, `${width}`);
      });
    }
  });
});

import assert from 'node:assert/strict';
import type { Box, Detection } from '@edgeveil/contracts';
import { mergeRegions, type RegionFind } from './merge-regions.ts';

const PICTURE = { width: 1000, height: 500 };
const WHOLE: Box = [0, 0, 1000, 500];
const LEFT: Box = [0, 0, 600, 500];
const RIGHT: Box = [400, 0, 600, 500];

function find(region: Box, box: Box, score = 0.9, label = 'person'): RegionFind {
  return { region, detection: { label, score, box } };
}

function boxesOf(finds: readonly RegionFind[]): (readonly number[])[] {
  return mergeRegions<Detection>(finds, { picture: PICTURE, maxOverlap: 0.5 }).map(({ box }) => box);
}

describe('mergeRegions', () => {
  it('takes boxes of two tiles that agree for one thing, and keeps the better', () => {
    assert.deepEqual(boxesOf([find(LEFT, [450, 100, 100, 200], 0.7), find(RIGHT, [452, 98, 100, 204], 0.8)]), [
      [452, 98, 100, 204],
    ]);
  });

  it('joins the halves of a thing that both tiles cut', () => {
    // 300 to 800: the left tile ends at 600, the right one begins at 400. They share 200 of 300 and 400.
    assert.deepEqual(boxesOf([find(LEFT, [300, 100, 300, 200]), find(RIGHT, [400, 105, 400, 195])]), [
      [300, 100, 500, 200],
    ]);
  });

  it('joins halves that share only a thin strip', () => {
    const left: Box = [0, 0, 520, 500];
    const right: Box = [480, 0, 520, 500];
    assert.deepEqual(boxesOf([find(left, [100, 50, 420, 300]), find(right, [480, 60, 400, 290])]), [
      [100, 50, 780, 300],
    ]);
  });

  it('takes a piece of what the whole picture shows for a part of it', () => {
    assert.deepEqual(
      boxesOf([
        find(WHOLE, [300, 100, 500, 200], 0.6),
        find(LEFT, [302, 100, 298, 198]),
        find(RIGHT, [400, 102, 398, 198]),
      ]),
      [[300, 100, 500, 200]],
    );
  });

  it('covers all of a piece that reaches beyond the box that it belongs to', () => {
    const [box] = boxesOf([find(LEFT, [450, 100, 150, 200], 0.6), find(WHOLE, [480, 90, 220, 190], 0.9)]);
    assert.deepEqual(box, [450, 90, 250, 210]);
  });

  it('leaves a small thing alone that lies within a large one and that no border cuts', () => {
    assert.equal(boxesOf([find(WHOLE, [100, 50, 400, 400]), find(LEFT, [200, 200, 80, 150])]).length, 2);
  });

  it('leaves two pieces alone that lie at different heights of the border', () => {
    assert.equal(boxesOf([find(LEFT, [500, 0, 100, 150]), find(RIGHT, [400, 140, 150, 200])]).length, 2);
  });

  it('leaves alone what one tile tells apart, cut or not', () => {
    assert.equal(boxesOf([find(LEFT, [400, 0, 200, 400]), find(LEFT, [480, 100, 120, 280])]).length, 2);
  });

  it('does not take the edge of the picture for a cut', () => {
    assert.equal(boxesOf([find(LEFT, [0, 0, 200, 400]), find(WHOLE, [0, 0, 60, 300])]).length, 2);
  });

  it('joins a thing that four tiles cut', () => {
    const tiles: Box[] = [
      [0, 0, 600, 300],
      [400, 0, 600, 300],
      [0, 200, 600, 300],
      [400, 200, 600, 300],
    ];
    // 300..700 x 150..400
    const pieces = tiles.map(([x, y, w, h]): Box => {
      const [left, top] = [Math.max(300, x), Math.max(150, y)];
      return [left, top, Math.min(700, x + w) - left, Math.min(400, y + h) - top];
    });
    for (const order of [
      [0, 1, 2, 3],
      [3, 0, 2, 1],
      [1, 2, 0, 3],
    ]) {
      const finds = order.map((index, place) => find(tiles[index] ?? WHOLE, pieces[index] ?? WHOLE, 0.9 - place / 100));
      assert.deepEqual(boxesOf(finds), [[300, 150, 400, 250]], order.join());
    }
  });

  it('keeps labels apart and puts the best first', () => {
    const found = mergeRegions(
      [find(LEFT, [450, 100, 100, 200], 0.7), find(RIGHT, [450, 100, 100, 200], 0.8, 'face')],
      { picture: PICTURE, maxOverlap: 0.5 },
    );
    assert.deepEqual(
      found.map(({ label }) => label),
      ['face', 'person'],
    );
  });

  it('gives the same for finds in any order', () => {
    const finds = [
      find(LEFT, [300, 100, 300, 200], 0.8),
      find(RIGHT, [400, 105, 400, 195], 0.7),
      find(WHOLE, [310, 100, 480, 200], 0.6),
      find(RIGHT, [900, 300, 50, 100], 0.5),
    ];
    assert.deepEqual(boxesOf(finds.toReversed()), boxesOf(finds));
  });
});

import type { Drawing } from './pen.ts';
import { type Polygon, scan } from './polygon.ts';
import type { TrueObject } from './scene-truth.ts';

// Coverage is counted on a grid of half the canvas's resolution; the margin lets what lies beyond the frame count as hidden.
const CELL = 2;
const MARGIN = 160;

export interface SeenObject extends TrueObject {
  /** The drawing, counted from the first given, that the object is a part of. */
  readonly drawing: number;
  /** As `visible`, but of the part that its own drawing leaves to see: a hat's brim does not count against a face. */
  readonly open: number;
}

/**
 * What can be seen of each object once every drawing lies over those before it. Boxes of whole objects are exact to the
 * drawn shape; those of partly hidden ones enclose what is left to see, to {@link CELL} pixels. Objects of which nothing
 * is left are not in the list.
 */
export function seenObjects(drawings: readonly Drawing[], width: number, height: number): SeenObject[] {
  const grid = { width: Math.ceil(width / CELL) + 2 * MARGIN, height: Math.ceil(height / CELL) + 2 * MARGIN };
  const owner = new Uint16Array(grid.width * grid.height);
  const owned: (readonly number[])[] = [[]];
  const parts: Part[] = [];
  drawings.forEach((drawing, index) => {
    const first = parts.length;
    for (const label of drawing.objects) parts.push({ label, drawing: index, shapes: [], shown: 0 });
    for (const stamp of drawing.stamps) {
      const objects = stamp.objects.map((object) => first + object);
      const coarse = stamp.polygon.map(([x, y]) => [x / CELL + MARGIN, y / CELL + MARGIN] as const);
      const id = owned.push(objects) - 1;
      scan(coarse, grid, (y, from, to) => owner.fill(id, y * grid.width + from, y * grid.width + to));
      for (const object of objects) parts[object]?.shapes.push({ full: stamp.polygon, coarse, id });
    }
    // Before anything nearer is drawn: what of each object its own drawing shows.
    for (const part of parts.slice(first))
      for (const { coarse, id } of part.shapes)
        scan(coarse, grid, (y, from, to) => {
          for (let at = y * grid.width + from; at < y * grid.width + to; at++) part.shown += Number(owner[at] === id);
        });
  });
  const scratch = new Uint16Array(grid.width * grid.height);
  const [right, low] = [MARGIN + width / CELL, MARGIN + height / CELL];
  const out: SeenObject[] = [];
  parts.forEach((part, index) => {
    let [area, seen] = [0, 0];
    let [x1, y1, x2, y2] = [grid.width, grid.height, -1, -1];
    for (const { coarse } of part.shapes)
      scan(coarse, grid, (y, from, to) => {
        for (let x = from; x < to; x++) {
          const at = y * grid.width + x;
          if (scratch[at] === index + 1) continue;
          scratch[at] = index + 1;
          area++;
          const inside = x >= MARGIN && x < right && y >= MARGIN && y < low;
          if (!inside || !owned[owner[at] ?? 0]?.includes(index)) continue;
          seen++;
          if (x < x1) x1 = x;
          if (x > x2) x2 = x;
          if (y < y1) y1 = y;
          if (y > y2) y2 = y;
        }
      });
    if (seen === 0) return;
    const visible = seen / area;
    const whole = bounds(part.shapes.map(({ full }) => full));
    const rough: Bounds = [
      (x1 - MARGIN) * CELL,
      (y1 - MARGIN) * CELL,
      (x2 + 1 - MARGIN) * CELL,
      (y2 + 1 - MARGIN) * CELL,
    ];
    // Only a side that something covers is taken from the grid: the others are known exactly.
    const exact = whole.map((side, i) => (Math.abs(side - (rough[i] ?? 0)) <= 2 * CELL ? side : (rough[i] ?? 0)));
    const left = Math.max(0, exact[0] ?? 0);
    const top = Math.max(0, exact[1] ?? 0);
    const box = [left, top, Math.min(width, exact[2] ?? 0) - left, Math.min(height, exact[3] ?? 0) - top] as const;
    out.push({
      label: part.label,
      box: [round(box[0]), round(box[1]), round(box[2]), round(box[3])],
      visible: Math.round(visible * 1000) / 1000,
      drawing: part.drawing,
      open: part.shown === 0 ? 0 : seen / part.shown,
    });
  });
  return out;
}

interface Part {
  readonly label: TrueObject['label'];
  readonly drawing: number;
  readonly shapes: { readonly full: Polygon; readonly coarse: Polygon; readonly id: number }[];
  /** Cells of the grid in which its own drawing shows it. */
  shown: number;
}

type Bounds = [number, number, number, number];

function bounds(polygons: readonly Polygon[]): Bounds {
  const out: Bounds = [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  for (const polygon of polygons)
    for (const [x, y] of polygon) {
      out[0] = Math.min(out[0], x);
      out[1] = Math.min(out[1], y);
      out[2] = Math.max(out[2], x);
      out[3] = Math.max(out[3], y);
    }
  return out;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export type Point = readonly [x: number, y: number];
export type Polygon = readonly Point[];

/** An ellipse as a polygon, turned by `turn` radians. */
export function ring(cx: number, cy: number, rx: number, ry: number, turn = 0, sides = 24): Polygon {
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  return Array.from({ length: sides }, (_, i) => {
    const angle = (i / sides) * 2 * Math.PI;
    const [x, y] = [rx * Math.cos(angle), ry * Math.sin(angle)];
    return [cx + x * c - y * s, cy + x * s + y * c];
  });
}

/** The closed Catmull-Rom curve through the points, each stretch cut into `steps`. */
export function smooth(points: readonly Point[], steps: number): Polygon {
  const out: Point[] = [];
  const at = (i: number): Point => points[(i + points.length) % points.length] ?? [0, 0];
  for (let i = 0; i < points.length; i++) {
    const [p0, p1, p2, p3] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    for (let j = 0; j < steps; j++) {
      const t = j / steps;
      const along = (k: 0 | 1): number =>
        0.5 *
        (2 * p1[k] +
          (p2[k] - p0[k]) * t +
          (2 * p0[k] - 5 * p1[k] + 4 * p2[k] - p3[k]) * t * t +
          (3 * p1[k] - p0[k] - 3 * p2[k] + p3[k]) * t * t * t);
      out.push([along(0), along(1)]);
    }
  }
  return out;
}

/** A segment with a round pen of the given radius. */
export function capsule([x1, y1]: Point, [x2, y2]: Point, radius: number): Polygon {
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const out: Point[] = [];
  for (const [x, y, start] of [
    [x2, y2, angle - Math.PI / 2],
    [x1, y1, angle + Math.PI / 2],
  ] as const) {
    for (let i = 0; i <= 6; i++) {
      const a = start + (i / 6) * Math.PI;
      out.push([x + radius * Math.cos(a), y + radius * Math.sin(a)]);
    }
  }
  return out;
}

/** Calls `span(y, from, to)` for each row of unit pixels whose centres lie inside the polygon (even-odd), clipped to the grid. */
export function scan(
  polygon: Polygon,
  grid: { readonly width: number; readonly height: number },
  span: (y: number, from: number, to: number) => void,
): void {
  let [top, bottom] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [, y] of polygon) {
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const last = Math.min(grid.height - 1, Math.ceil(bottom));
  for (let row = Math.max(0, Math.floor(top)); row <= last; row++) {
    const y = row + 0.5;
    const crossings: number[] = [];
    for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
      const [a, b] = [polygon[i], polygon[j]];
      if (a && b && a[1] > y !== b[1] > y) crossings.push(a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0]));
    }
    crossings.sort((p, q) => p - q);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil((crossings[i] ?? 0) - 0.5));
      const to = Math.min(grid.width, Math.ceil((crossings[i + 1] ?? 0) - 0.5));
      if (from < to) span(row, from, to);
    }
  }
}

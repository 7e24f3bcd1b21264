import { drawFloor } from './backdrop-floor.ts';
import { shade } from './colour.ts';
import { strokesOf } from './glyphs.ts';
import type { Random } from './random.ts';
import { ellipse, faint, glow, gradient, line, poly, rect } from './svg.ts';
import { columnOf, rowOf, type View } from './view.ts';

export interface DockPlan {
  /** Pixels per centimetre at the foot of the wall. */
  readonly wallScale: number;
  /** Centres of the doors, in centimetres from the vanishing line. */
  readonly doors: readonly number[];
}

export function planDock(random: Random): DockPlan {
  const spacing = random.range(420, 500);
  const shift = random.range(-spacing / 2, spacing / 2);
  return {
    wallScale: random.range(0.7, 0.82),
    doors: [-2, -1, 0, 1, 2].map((i) => i * spacing + shift),
  };
}

/** The yard of a warehouse: a wall with numbered dock doors, lamps above them, a concrete apron with guide lines. */
export function drawDock(view: View, plan: DockPlan, random: Random): string {
  const s = plan.wallScale;
  const base = rowOf(view, s);
  const wall = random.pick(['#8d98a3', '#a39a8b', '#7f8f8a', '#b0aca2', '#6f7f92', '#9c8f86']);
  const out = [
    `<defs>${gradient('wall', [
      [0, shade(wall, -0.42)],
      [0.7, wall],
      [1, shade(wall, -0.12)],
    ])}${glow('dock-lamp', [
      [0, '#fff4cf', 0.75],
      [0.35, '#ffeebb', 0.28],
      [1, '#ffeebb', 0],
    ])}</defs>`,
    rect(0, 0, view.width, base, 'url(#wall)'),
  ];
  for (let x = (view.vanishX % 46) - 46; x < view.width; x += 46)
    out.push(line([x, 0], [x, base], shade(wall, -0.28), 1.2, faint(0.55)));
  const stripe = random.pick(['#e0a800', '#2f74c0', '#b3392f', '#3b8b5a']);
  out.push(rect(0, base - 520 * s, view.width, 26 * s, stripe, faint(0.85)));
  out.push(rect(0, base - 18 * s, view.width, 18 * s, shade(wall, -0.5)));
  plan.doors.forEach((offset, i) => {
    out.push(drawDoor(columnOf(view, offset, s), base, s, i + random.int(1, 3) * 10, random));
  });
  out.push(
    drawFloor(view, base, random, {
      colour: random.pick(['#8c8e8d', '#7b7f82', '#97928a', '#6d7276']),
      paint: random.pick(['#e8c02a', '#e8e4d8', '#e8c02a']),
      lanes: plan.doors.flatMap((x) => [x - 165, x + 165]),
    }),
  );
  for (const offset of plan.doors) {
    const x = columnOf(view, offset, s);
    out.push(ellipse(x, base - 470 * s, 250 * s, 190 * s, 'url(#dock-lamp)'));
    out.push(rect(x - 20 * s, base - 500 * s, 40 * s, 14 * s, '#2a2d31'));
  }
  return out.join('');
}

function drawDoor(x: number, base: number, s: number, number: number, random: Random): string {
  const [w, h] = [310 * s, 400 * s];
  const door = random.pick(['#d9dcdc', '#c4c9cc', '#aeb8c2', '#3f6ea3', '#d0c7b2']);
  const open = random.chance(0.3);
  const out = [
    rect(x - w / 2 - 22 * s, base - h - 24 * s, w + 44 * s, h + 24 * s, '#22262a'),
    rect(x - w / 2, base - h, w, h, open ? '#14171a' : door),
  ];
  if (open) {
    out.push(
      poly(
        [
          [x - w / 2, base],
          [x + w / 2, base],
          [x + w * 0.3, base - h * 0.2],
          [x - w * 0.3, base - h * 0.2],
        ],
        '#3d3a35',
      ),
    );
    out.push(rect(x - w * 0.3, base - h * 0.82, w * 0.6, h * 0.62, '#2b2e31'));
    out.push(rect(x - w * 0.2, base - h * 0.78, w * 0.4, h * 0.05, '#fff3cf', faint(0.8)));
    out.push(rect(x - w / 2, base - h, w, h * 0.14, door));
  } else {
    for (let i = 1; i < 11; i++)
      out.push(line([x - w / 2, base - (h * i) / 11], [x + w / 2, base - (h * i) / 11], shade(door, -0.28), 1.6));
    out.push(rect(x - w * 0.18, base - h * 0.66, w * 0.36, h * 0.09, '#46525c', 'rx="3"'));
  }
  // Bumpers and the hazard-striped posts at both sides.
  for (const side of [-1, 1]) {
    const left = x + side * (w / 2 + 26 * s) - 9 * s;
    out.push(rect(left, base - 120 * s, 18 * s, 120 * s, '#e8b90c'));
    for (let i = 0; i < 4; i++)
      out.push(
        poly(
          [
            [left, base - (110 - i * 30) * s],
            [left + 18 * s, base - (118 - i * 30) * s],
            [left + 18 * s, base - (103 - i * 30) * s],
            [left, base - (95 - i * 30) * s],
          ],
          '#1c1d1f',
        ),
      );
  }
  const sign = 46 * s;
  out.push(rect(x - sign, base - h - 84 * s, sign * 2, 52 * s, '#f3f1e8', 'rx="4"'));
  for (const stroke of strokesOf(String(number), x - sign * 0.55, base - h - 76 * s, sign * 1.1, 36 * s))
    out.push(
      `<polyline points="${stroke.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(' ')}" fill="none" stroke="#20262c" stroke-width="${(6 * s).toFixed(1)}"/>`,
    );
  return out.join('');
}

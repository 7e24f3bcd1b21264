import { drawFloor } from './backdrop-floor.ts';
import { shade } from './colour.ts';
import type { Random } from './random.ts';
import { ellipse, faint, glow, gradient, line, poly, rect } from './svg.ts';
import { rowOf, type View } from './view.ts';

/** A factory hall: windows, lamps, a row of machines and racks along the wall, a painted floor. */
export function drawShop(view: View, wallScale: number, random: Random): string {
  const base = rowOf(view, wallScale);
  const wall = random.pick(['#a9b2b8', '#b9b3a6', '#93a3ad', '#aab5a8', '#8f959c']);
  const out = [
    `<defs>${gradient('hall', [
      [0, shade(wall, -0.45)],
      [0.6, wall],
      [1, shade(wall, -0.2)],
    ])}${gradient('window', [
      [0, '#dfeefa'],
      [1, '#a9c7dd'],
    ])}${glow('hall-lamp', [
      [0, '#fffbe8', 0.8],
      [0.3, '#fff6d8', 0.25],
      [1, '#fff6d8', 0],
    ])}</defs>`,
    rect(0, 0, view.width, base, 'url(#hall)'),
  ];
  const s = wallScale;
  for (let x = random.range(-60, 40); x < view.width; x += 210) {
    const y = base - 470 * s;
    out.push(rect(x, y, 150, 120 * s, 'url(#window)'));
    for (let i = 1; i < 4; i++) out.push(line([x + i * 37.5, y], [x + i * 37.5, y + 120 * s], shade(wall, -0.4), 2.5));
    out.push(line([x, y + 60 * s], [x + 150, y + 60 * s], shade(wall, -0.4), 2.5));
    out.push(rect(x + 172, 0, 18, base, shade(wall, -0.32)));
  }
  out.push(rect(0, base - 520 * s, view.width, 10, '#4d555c'), rect(0, base - 536 * s, view.width, 5, '#c9a227'));
  for (let x = random.range(-80, 20); x < view.width; ) {
    const kind = random.pick(['machine', 'machine', 'rack', 'arm', 'gap']);
    const w = random.range(180, 300) * s * 1.15;
    if (kind === 'machine') out.push(drawMachine(x, base, w, s, random));
    else if (kind === 'rack') out.push(drawRack(x, base, w, s, random));
    else if (kind === 'arm') out.push(drawRobot(x + w / 2, base, s, random));
    x += w + random.range(20, 80);
  }
  out.push(
    drawFloor(view, base, random, {
      colour: random.pick(['#7f8c86', '#8a8f94', '#9a958c', '#6f7d88', '#7c8a7a']),
      paint: random.pick(['#e8c02a', '#e8c02a', '#dfe4e0', '#3f9a63']),
      lanes: random.chance(0.5) ? [-430, -150, 330, 610] : [-560, 120, 470],
    }),
  );
  for (let x = random.range(60, 200); x < view.width; x += 320) {
    out.push(
      line([x, 0], [x, 26], '#30353a', 2),
      poly(
        [
          [x - 26, 44],
          [x + 26, 44],
          [x + 12, 22],
          [x - 12, 22],
        ],
        '#2d3237',
      ),
    );
    out.push(ellipse(x, 48, 190, 130, 'url(#hall-lamp)'), ellipse(x, 45, 22, 5, '#fffdf2'));
  }
  return out.join('');
}

function drawMachine(x: number, base: number, w: number, s: number, random: Random): string {
  const h = random.range(200, 270) * s;
  const body = random.pick(['#e2e5e4', '#4e6f86', '#5f7f6a', '#c8ccce', '#38424b', '#d5cfbf']);
  const accent = random.pick(['#d98f1f', '#2f74c0', '#b3392f', '#3b8b5a']);
  return [
    ellipse(x + w / 2, base, w * 0.56, 9, '#000000', faint(0.3)),
    rect(x, base - h, w, h, body, 'rx="5"'),
    rect(x, base - h, w, h * 0.1, accent, 'rx="5"'),
    rect(x + w * 0.82, base - h * 0.9, w * 0.18, h * 0.9, shade(body, -0.2)),
    rect(x + w * 0.08, base - h * 0.8, w * 0.46, h * 0.42, '#1d272e', 'rx="6"'),
    poly(
      [
        [x + w * 0.12, base - h * 0.4],
        [x + w * 0.26, base - h * 0.78],
        [x + w * 0.36, base - h * 0.78],
        [x + w * 0.22, base - h * 0.4],
      ],
      '#ffffff',
      faint(0.14),
    ),
    rect(x + w * 0.6, base - h * 0.78, w * 0.18, h * 0.2, '#23303a', 'rx="3"'),
    rect(x + w * 0.62, base - h * 0.75, w * 0.14, h * 0.1, random.pick(['#69d2a0', '#7cc4f0', '#f0b45c'])),
    ellipse(x + w * 0.65, base - h * 0.52, 4 * s, 4 * s, '#d0342c'),
    ellipse(x + w * 0.73, base - h * 0.52, 4 * s, 4 * s, '#3fae5c'),
    rect(x + w * 0.08, base - h * 0.3, w * 0.7, h * 0.22, shade(body, -0.12), 'rx="3"'),
    rect(x + w * 0.47, base - h - 26 * s, 7 * s, 26 * s, '#3fae5c'),
    rect(x + w * 0.47, base - h - 26 * s, 7 * s, 9 * s, '#d0342c'),
  ].join('');
}

function drawRack(x: number, base: number, w: number, s: number, random: Random): string {
  const h = 290 * s;
  const out = [rect(x, base - h, w, h, '#2b3238', faint(0.75))];
  for (let level = 0; level < 4; level++) {
    const y = base - (h * (level + 0.25)) / 4;
    for (let bx = x + 6; bx < x + w - 24 * s; bx += 42 * s) {
      // Plastic bins: no cardboard on the racks, since parcels there would be objects without a label.
      const bin = random.pick(['#2f6fb3', '#3a7fc0', '#7a8288', '#b23a34', '#3d8a5d']);
      const bh = random.range(22, 40) * s;
      if (random.chance(0.85))
        out.push(
          rect(bx, y - bh, 36 * s, bh, bin),
          rect(bx, y - bh, 36 * s, 5 * s, shade(bin, 0.25)),
          rect(bx + 11 * s, y - bh * 0.6, 14 * s, 6 * s, '#e8ebea'),
        );
    }
    out.push(rect(x - 4, y, w + 8, 8 * s, '#d9762b'));
  }
  for (const px of [x - 4, x + w - 4]) out.push(rect(px, base - h, 9 * s, h, '#2c5fa0'));
  return out.join('');
}

function drawRobot(x: number, base: number, s: number, random: Random): string {
  const colour = random.pick(['#e8842a', '#f0c419', '#d9dcdc']);
  const lean = random.range(-40, 40) * s;
  const joint = (cx: number, cy: number, r: number): string => ellipse(cx, cy, r * s, r * s, shade(colour, -0.35));
  const [elbowX, elbowY] = [x + lean, base - 190 * s];
  const [wristX, wristY] = [x + lean + 110 * s, base - 165 * s];
  return [
    rect(x - 55 * s, base - 50 * s, 110 * s, 50 * s, '#3c444b', 'rx="4"'),
    line([x, base - 60 * s], [elbowX, elbowY], colour, 34 * s, 'stroke-linecap="round"'),
    line([elbowX, elbowY], [wristX, wristY], colour, 24 * s, 'stroke-linecap="round"'),
    line([wristX, wristY], [wristX + 16 * s, wristY + 44 * s], '#4a5259', 12 * s, 'stroke-linecap="round"'),
    joint(x, base - 62 * s, 24),
    joint(elbowX, elbowY, 19),
    joint(wristX, wristY, 13),
  ].join('');
}

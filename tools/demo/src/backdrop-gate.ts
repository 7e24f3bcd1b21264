import { stripe } from './backdrop-floor.ts';
import { shade } from './colour.ts';
import type { Random } from './random.ts';
import { ellipse, faint, glow, gradient, line, poly, rect } from './svg.ts';
import { columnOf, rowOf, scaleAt, type View } from './view.ts';

/** A site's gate from inside: the road runs away between fences, with a gatehouse at its side and the town beyond. */
export function drawGate(view: View, random: Random): string {
  const { width, height } = view;
  const ground = view.horizon + 34;
  const sky = random.pick<readonly [string, string]>([
    ['#4f8fcf', '#cfe4f2'],
    ['#8fa3b5', '#d6dde2'],
    ['#e09a5c', '#f6dcb0'],
    ['#36567f', '#c9a98f'],
  ]);
  const grass = random.pick(['#6f8f4e', '#7d8a55', '#5f7d4d', '#8c8a5c']);
  const asphalt = random.pick(['#565a5e', '#4b4e53', '#65676a']);
  const out = [
    `<defs>${gradient('sky', [
      [0, sky[0]],
      [1, sky[1]],
    ])}${gradient('grass', [
      [0, shade(grass, -0.2)],
      [1, shade(grass, 0.12)],
    ])}${gradient('road', [
      [0, shade(asphalt, 0.22)],
      [0.4, asphalt],
      [1, shade(asphalt, -0.12)],
    ])}${glow('sun', [
      [0, '#fff8dc', 0.9],
      [0.3, '#fff2c4', 0.35],
      [1, '#fff2c4', 0],
    ])}</defs>`,
    rect(0, 0, width, ground, 'url(#sky)'),
    ellipse(random.range(100, width - 100), random.range(10, 70), 190, 150, 'url(#sun)'),
  ];
  for (let i = 0; i < 7; i++) {
    const [x, y, size] = [random.range(0, width), random.range(12, view.horizon - 40), random.range(40, 110)];
    out.push(
      ellipse(x, y, size, size * 0.2, '#ffffff', faint(0.4)),
      ellipse(x + size * 0.4, y + 6, size * 0.6, size * 0.16, '#ffffff', faint(0.35)),
    );
  }
  out.push(drawTown(view, ground, random));
  out.push(rect(0, ground, width, height - ground, 'url(#grass)'));
  const far = scaleAt(view, ground);
  const near = scaleAt(view, height + 20);
  const band = (from: number, to: number, fill: string): string =>
    poly(
      [
        [columnOf(view, from, far), ground],
        [columnOf(view, to, far), ground],
        [columnOf(view, to, near), height + 20],
        [columnOf(view, from, near), height + 20],
      ],
      fill,
    );
  out.push(band(-680, -400, '#a9a49a'), band(400, 680, '#a9a49a'));
  for (let scale = far * 1.3; rowOf(view, scale) < height; scale *= 1.25)
    for (const side of [-1, 1])
      out.push(
        line(
          [columnOf(view, side * 400, scale), rowOf(view, scale)],
          [columnOf(view, side * 680, scale), rowOf(view, scale)],
          '#8a857c',
          scale * 2,
        ),
      );
  out.push(band(-420, -396, '#d4d0c6'), band(396, 420, '#d4d0c6'), band(-396, 396, 'url(#road)'));
  out.push(stripe(view, ground, -370, 12, '#e9e6dc', 0.85), stripe(view, ground, 370, 12, '#e9e6dc', 0.85));
  for (let scale = far; rowOf(view, scale) < height; scale *= 1.34) {
    const [y1, y2] = [rowOf(view, scale), rowOf(view, scale * 1.16)];
    out.push(
      poly(
        [
          [columnOf(view, -7, scale), y1],
          [columnOf(view, 7, scale), y1],
          [columnOf(view, 7, scale * 1.16), y2],
          [columnOf(view, -7, scale * 1.16), y2],
        ],
        '#efece2',
        faint(0.9),
      ),
    );
  }
  out.push(drawFence(view, -760), drawFence(view, 760), drawHouse(view, random));
  return out.join('');
}

function drawTown(view: View, ground: number, random: Random): string {
  const out: string[] = [];
  for (let x = -40; x < view.width; x += random.range(60, 130)) {
    const [w, h] = [random.range(70, 150), random.range(20, 85)];
    const colour = random.pick(['#8c97a1', '#a19a92', '#7d8894', '#b0a798']);
    out.push(rect(x, ground - h, w, h, colour));
    for (let wx = x + 8; wx < x + w - 10; wx += 16)
      for (let wy = ground - h + 8; wy < ground - 12; wy += 16) out.push(rect(wx, wy, 8, 8, '#dfe6ea', faint(0.5)));
  }
  for (let i = 0; i < 16; i++) {
    const [x, r] = [random.range(-20, view.width + 20), random.range(16, 38)];
    const green = random.pick(['#4c6b3c', '#5b7a45', '#3f5c3a', '#6c7f45']);
    out.push(
      rect(x - 3, ground - r, 6, r, '#5a4632'),
      ellipse(x, ground - r * 1.2, r * 0.8, r, green),
      ellipse(x - r * 0.25, ground - r * 1.45, r * 0.5, r * 0.5, shade(green, 0.15)),
    );
  }
  return out.join('');
}

function drawFence(view: View, offset: number): string {
  const out: string[] = [];
  let previous: number | undefined;
  for (let scale = 0.16; scale < 3.2; scale *= 1.16) {
    const [x, y] = [columnOf(view, offset, scale), rowOf(view, scale)];
    if (previous !== undefined) {
      const [px, py] = [columnOf(view, offset, previous), rowOf(view, previous)];
      for (const level of [40, 80, 120, 160, 195])
        out.push(line([px, py - level * previous], [x, y - level * scale], '#6d757b', 0.8 + scale, faint(0.8)));
    }
    out.push(rect(x - 3 * scale, y - 200 * scale, 6 * scale, 200 * scale, '#4f565c'));
    previous = scale;
  }
  return out.join('');
}

/** The gatehouse and its raised barrier, beside the road at about the middle distance. */
function drawHouse(view: View, random: Random): string {
  const side = random.chance(0.5) ? 1 : -1;
  const scale = random.range(0.62, 0.8);
  const [x, base] = [columnOf(view, side * 560, scale), rowOf(view, scale)];
  const wall = random.pick(['#d9d4c7', '#c3ccd2', '#d8c3a1', '#b9c4b4']);
  const u = (value: number): number => value * scale;
  const post = columnOf(view, side * 425, scale);
  const out = [
    ellipse(x, base, u(150), u(16), '#000000', faint(0.25)),
    rect(x - u(120), base - u(270), u(240), u(270), wall),
    rect(x + u(60), base - u(270), u(60), u(270), shade(wall, -0.16)),
    rect(x - u(105), base - u(215), u(140), u(95), '#3d5361'),
    poly(
      [
        [x - u(90), base - u(120)],
        [x - u(50), base - u(215)],
        [x - u(25), base - u(215)],
        [x - u(65), base - u(120)],
      ],
      '#ffffff',
      faint(0.18),
    ),
    rect(x + u(58), base - u(205), u(48), u(205), shade(wall, -0.45)),
    rect(x - u(140), base - u(290), u(280), u(24), '#47525b'),
    rect(x - u(120), base - u(112), u(180), u(8), '#c4392f'),
    rect(post - u(14), base - u(110), u(28), u(110), '#e2b714'),
  ];
  // The arm stands up, so that it hides nobody.
  const tip: readonly [number, number] = [post - side * u(110), base - u(480)];
  out.push(line([post, base - u(95)], tip, '#f2efe8', u(11), 'stroke-linecap="round"'));
  for (let i = 0; i < 5; i++) {
    const at = (k: number): readonly [number, number] => [
      post + (tip[0] - post) * k,
      base - u(95) + (tip[1] - base + u(95)) * k,
    ];
    out.push(line(at(0.1 + i * 0.18), at(0.19 + i * 0.18), '#c8302c', u(11)));
  }
  return out.join('');
}

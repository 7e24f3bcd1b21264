import { shade } from './colour.ts';
import type { Random } from './random.ts';
import { ellipse, faint, gradient, line, poly, rect } from './svg.ts';
import { columnOf, rowOf, scaleAt, type View } from './view.ts';

export interface FloorLook {
  readonly colour: string;
  readonly paint: string;
  /** Guide lines running away from the camera, in centimetres from the vanishing line. */
  readonly lanes: readonly number[];
}

/** A floor in perspective from row `top` to the frame's lower edge, with joints, stains and painted guide lines. */
export function drawFloor(view: View, top: number, random: Random, look: FloorLook): string {
  const { width, height } = view;
  const out = [
    `<defs>${gradient('floor', [
      [0, shade(look.colour, -0.3)],
      [0.35, look.colour],
      [1, shade(look.colour, 0.12)],
    ])}</defs>`,
    rect(0, top, width, height - top, 'url(#floor)'),
  ];
  const joint = shade(look.colour, -0.28);
  for (let offset = -2400; offset <= 2400; offset += 300) out.push(stripe(view, top, offset, 3, joint, 0.5));
  for (let scale = scaleAt(view, top) * 1.12; rowOf(view, scale) < height; scale *= 1.22)
    out.push(line([0, rowOf(view, scale)], [width, rowOf(view, scale)], joint, 1 + scale, faint(0.4)));
  for (let i = 0; i < 14; i++) {
    const y = random.range(top, height);
    const size = random.range(30, 150) * scaleAt(view, y);
    out.push(
      ellipse(
        random.range(0, width),
        y,
        size,
        size * 0.2,
        random.chance(0.6) ? '#000000' : '#ffffff',
        faint(random.range(0.03, 0.1)),
      ),
    );
  }
  for (const offset of look.lanes) out.push(stripe(view, top, offset, 12, look.paint, 0.8));
  return out.join('');
}

/** A painted line `width` centimetres wide that runs towards the vanishing point. */
export function stripe(
  view: View,
  top: number,
  offset: number,
  width: number,
  colour: string,
  opacity: number,
): string {
  const far = scaleAt(view, top);
  const near = scaleAt(view, view.height + 20);
  return poly(
    [
      [columnOf(view, offset - width / 2, far), top],
      [columnOf(view, offset + width / 2, far), top],
      [columnOf(view, offset + width / 2, near), view.height + 20],
      [columnOf(view, offset - width / 2, near), view.height + 20],
    ],
    colour,
    faint(opacity),
  );
}

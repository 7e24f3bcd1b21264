import { strokesOf } from './glyphs.ts';
import type { Pen } from './pen.ts';
import type { PlateLook } from './vehicle-look.ts';

const WIDTH = 58;
const HEIGHT = 20;

/** Draws a number plate centred on (x, y), an object of its own inside `vehicle`. */
export function drawPlate(pen: Pen, look: PlateLook, x: number, y: number, vehicle: number): void {
  const [left, top] = [x - WIDTH / 2, y - HEIGHT / 2];
  pen.within([vehicle, pen.add('plate')], () => {
    pen.rect(left, top, WIDTH, HEIGHT, { fill: look.ground, stroke: look.edge, strokeWidth: 1 }, 1.5);
  });
  const margin = look.band ? 9 : 4;
  if (look.band) pen.rect(left + 0.6, top + 0.6, 6.5, HEIGHT - 1.2, { fill: look.band, detail: true });
  for (const stroke of strokesOf(look.text, left + margin, top + 4.6, WIDTH - margin - 4, HEIGHT - 9.2))
    pen.limb(stroke, 1.7, { fill: look.ink, detail: true });
}

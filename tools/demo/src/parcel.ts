import { shade } from './colour.ts';
import type { Pen } from './pen.ts';
import type { Random } from './random.ts';

export interface ParcelLook {
  /** In centimetres. */
  readonly width: number;
  readonly height: number;
  readonly colour: string;
  readonly tape: string;
  readonly labelAt: number;
  /** How much of the right side shows, as a share of the width; negative: the left side. */
  readonly skew: number;
  readonly arrows: boolean;
}

const CARDBOARD = ['#c69860', '#b98750', '#d0a56d', '#a97a48', '#caa377', '#d9b27f', '#e7e1d3'] as const;

export function chooseParcel(random: Random, maxWidth = 70): ParcelLook {
  return {
    width: random.range(32, maxWidth),
    height: random.range(26, Math.min(60, maxWidth)),
    colour: random.pick(CARDBOARD),
    tape: random.pick(['#e3cfa2', '#8f6a3d', '#d8d3c4', '#4f86b8']),
    labelAt: random.range(0.08, 0.5),
    skew: random.range(0.12, 0.3) * (random.chance(0.5) ? 1 : -1),
    arrows: random.chance(0.5),
  };
}

/** A cardboard box whose front's lower edge is centred on (x, y), in local units. */
export function drawParcel(pen: Pen, look: ParcelLook, x: number, y: number): void {
  const { width: w, height: h, colour } = look;
  const depth = w * Math.abs(look.skew);
  const lift = h * 0.22;
  const side = Math.sign(look.skew);
  const [left, right, top] = [x - w / 2, x + w / 2, y - h];
  const edge = side > 0 ? right : left;
  pen.within([pen.add('parcel')], () => {
    pen.polygon(
      [
        [left, top],
        [right, top],
        [right + depth * side, top - lift],
        [left + depth * side, top - lift],
      ],
      { fill: shade(colour, 0.28) },
    );
    pen.polygon(
      [
        [edge, top],
        [edge + depth * side, top - lift],
        [edge + depth * side, y - lift],
        [edge, y],
      ],
      { fill: shade(colour, -0.32) },
    );
    pen.rect(left, top, w, h, { fill: colour, shade: 'y', stroke: shade(colour, -0.35), strokeWidth: 0.6 });
  });
  const tape = { fill: look.tape, opacity: 0.85, detail: true };
  const middle = x - w * 0.05;
  pen.rect(middle, top, w * 0.1, h * 0.35, tape);
  pen.polygon(
    [
      [middle, top],
      [middle + w * 0.1, top],
      [middle + w * 0.1 + depth * side, top - lift],
      [middle + depth * side, top - lift],
    ],
    tape,
  );
  const labelX = left + w * look.labelAt;
  pen.rect(labelX, y - h * 0.52, w * 0.34, h * 0.34, { fill: '#f4f2ec', detail: true });
  for (let i = 0; i < 3; i++)
    pen.rect(labelX + w * 0.03, y - h * (0.47 - i * 0.08), w * (i === 1 ? 0.18 : 0.27), h * 0.03, {
      fill: '#5b5750',
      detail: true,
    });
  if (look.arrows) {
    const arrowX = right - w * 0.12;
    pen.limb(
      [
        [arrowX, y - h * 0.12],
        [arrowX, y - h * 0.34],
      ],
      w * 0.03,
      { fill: '#54381e', detail: true },
    );
    pen.polygon(
      [
        [arrowX - w * 0.05, y - h * 0.3],
        [arrowX + w * 0.05, y - h * 0.3],
        [arrowX, y - h * 0.42],
      ],
      { fill: '#54381e', detail: true },
    );
  }
}

import { shade } from './colour.ts';
import type { Pen } from './pen.ts';
import type { PersonLook } from './person-look.ts';
import type { Point } from './polygon.ts';

const WIDTH = 27;
const HEIGHT = 37;

export interface HeadPose {
  /** Which way the head looks: 0 into the camera, 1 and -1 to the picture's right and left. */
  readonly yaw: number;
  /** Turned away: hair instead of a face, and nothing to label. */
  readonly away: boolean;
}

/** Draws a head whose chin is at (x, y), in local units; the face is an object of its own inside `person`. */
export function drawHead(pen: Pen, look: PersonLook, pose: HeadPose, x: number, y: number, person: number): void {
  const [rx, ry, cy] = [WIDTH / 2, HEIGHT / 2, y - HEIGHT / 2];
  const { yaw } = pose;
  const skin = { fill: look.skin };
  pen.within([person], () => {
    if (look.hairStyle === 'long') drawLongHair(pen, look, x - yaw * 3, cy, pose.away);
    if (look.hairStyle === 'bun') pen.ellipse(x - yaw * 10, cy - ry * 0.75, 7, 7, { fill: shade(look.hair, -0.1) });
    for (const side of [-1, 1])
      if (yaw * side < 0.45)
        pen.ellipse(x + side * (rx - 0.5) - yaw * 5, cy + 3, 3, 5, { fill: shade(look.skin, -0.14) });
    pen.blob(outline(x, cy, rx, ry, pose.away ? 0 : yaw), { ...skin, shade: 'x' });
  });
  if (pose.away) {
    pen.within([person], () => drawBackOfHead(pen, look, x, cy, rx, ry));
  } else {
    const face = pen.add('face');
    pen.within([person, face], () => drawFace(pen, look, yaw, x, cy, rx, ry));
    pen.within([person], () => drawHair(pen, look, yaw, x, cy, rx, ry));
  }
  pen.within([person], () => drawHeadgear(pen, look, pose, x, cy, rx, ry));
}

function outline(x: number, cy: number, rx: number, ry: number, yaw: number): Point[] {
  const lean = yaw * 2;
  return [
    [x, cy - ry],
    [x + rx * 0.75, cy - ry * 0.75],
    [x + rx, cy - ry * 0.1],
    [x + rx * 0.86 + lean * 0.4, cy + ry * 0.5],
    [x + rx * 0.42 + lean, cy + ry * 0.92],
    [x + lean, cy + ry],
    [x - rx * 0.42 + lean, cy + ry * 0.92],
    [x - rx * 0.86 + lean * 0.4, cy + ry * 0.5],
    [x - rx, cy - ry * 0.1],
    [x - rx * 0.75, cy - ry * 0.75],
  ];
}

function drawFace(pen: Pen, look: PersonLook, yaw: number, x: number, cy: number, rx: number, ry: number): void {
  const lean = yaw * 2;
  // The part of the outline below the hairline: this, and not the skull, is what the label means by a face.
  pen.polygon(
    [
      [x - rx * 0.93, cy - ry * 0.5],
      [x + rx * 0.93, cy - ry * 0.5],
      [x + rx, cy - ry * 0.1],
      [x + rx * 0.86 + lean * 0.4, cy + ry * 0.5],
      [x + rx * 0.42 + lean, cy + ry * 0.92],
      [x + lean, cy + ry],
      [x - rx * 0.42 + lean, cy + ry * 0.92],
      [x - rx * 0.86 + lean * 0.4, cy + ry * 0.5],
      [x - rx, cy - ry * 0.1],
    ],
    { fill: look.skin, shade: 'x' },
  );
  const fx = x + yaw * rx * 0.5;
  const dark = shade(look.skin, -0.34);
  const squeeze = 1 - 0.3 * Math.abs(yaw);
  if (look.beard === 'full' || look.beard === 'stubble')
    pen.blob(
      [
        [x - rx * 0.88, cy + ry * 0.22],
        [fx - rx * 0.35 * squeeze, cy + ry * 0.5],
        [fx, cy + ry * 0.42],
        [fx + rx * 0.35 * squeeze, cy + ry * 0.5],
        [x + rx * 0.88, cy + ry * 0.22],
        [x + rx * 0.5 + lean, cy + ry * 0.88],
        [x + lean, cy + ry * 0.99],
        [x - rx * 0.5 + lean, cy + ry * 0.88],
      ],
      { fill: look.hair, opacity: look.beard === 'full' ? 0.92 : 0.3, detail: true },
    );
  for (const side of [-1, 1]) {
    // The far eye disappears behind the nose when the head turns.
    if (yaw * side > 0.85) continue;
    const near = 1 - 0.3 * Math.max(0, yaw * side);
    const ex = fx + side * rx * 0.43 * squeeze * near;
    pen.ellipse(ex, cy + 0.5, 3.3 * near, 2.1, { fill: '#fbf8f2', detail: true });
    pen.ellipse(ex + yaw * 1.3, cy + 0.7, 1.6, 1.75, { fill: look.eyes, detail: true });
    pen.ellipse(ex + yaw * 1.3 - 0.5, cy + 0.1, 0.5, 0.5, { fill: '#ffffff', detail: true });
    pen.limb(
      [
        [ex - 3.6 * near, cy - 3.6 + (side < 0 ? 0.7 : -0.4)],
        [ex, cy - 4.6],
        [ex + 3.6 * near, cy - 3.6 + (side > 0 ? 0.7 : -0.4)],
      ],
      1.3,
      { fill: shade(look.hair, -0.5), detail: true },
    );
    if (look.glasses)
      pen.ellipse(ex, cy + 0.6, 4.9 * near, 4, {
        fill: 'none',
        stroke: '#23262b',
        strokeWidth: 0.9,
        detail: true,
      });
  }
  const tip = fx + yaw * 3.5;
  pen.limb(
    [
      [fx + yaw * 1.5 - 0.6, cy + 2],
      [tip + 1.6 * Math.sign(yaw || 1), cy + 7.2],
      [tip - 1.2 * Math.sign(yaw || 1), cy + 8.2],
    ],
    1.1,
    { fill: dark, detail: true },
  );
  if (Math.abs(yaw) > 0.55)
    pen.polygon(
      [
        [x + Math.sign(yaw) * rx * 0.9, cy + 2],
        [x + Math.sign(yaw) * (rx + 3.2), cy + 7.6],
        [x + Math.sign(yaw) * rx * 0.88, cy + 9],
      ],
      { fill: look.skin },
    );
  drawMouth(pen, look, fx + yaw * 1.2, cy + ry * 0.64, 4.6 * squeeze);
}

function drawMouth(pen: Pen, look: PersonLook, x: number, y: number, half: number): void {
  const lip = { fill: look.beard === 'full' ? '#a8574d' : shade('#a8483f', -0.1), detail: true };
  if (look.mouth === 'open') {
    pen.ellipse(x, y, half * 0.75, 2.1, { fill: '#6a2020', detail: true });
    pen.rect(x - half * 0.5, y - 1.7, half, 1.2, { fill: '#f6f1ea', detail: true });
  } else {
    const dip = look.mouth === 'smile' ? 1.8 : 0.4;
    pen.limb(
      [
        [x - half, y - dip * 0.5],
        [x, y + dip * 0.5],
        [x + half, y - dip * 0.5],
      ],
      1.3,
      lip,
    );
  }
  if (look.beard === 'moustache')
    pen.blob(
      [
        [x - half * 1.2, y - 1],
        [x, y - 4],
        [x + half * 1.2, y - 1],
        [x, y - 1.8],
      ],
      { fill: look.hair, detail: true },
    );
}

function drawHair(pen: Pen, look: PersonLook, yaw: number, x: number, cy: number, rx: number, ry: number): void {
  if (look.hairStyle === 'bald') return;
  if (look.headgear !== 'none') {
    for (const side of [-1, 1])
      if (yaw * side < 0.6)
        pen.rect(x + side * rx * 0.93 - 1.8, cy - ry * 0.45, 3.6, ry * 0.5, { fill: look.hair }, 1.5);
    return;
  }
  const puff = look.hairStyle === 'curly' ? 3.2 : 1.2;
  const part = x + yaw * rx * 0.4;
  pen.blob(
    [
      [x - rx - puff * 0.5, cy - ry * 0.12],
      [x - rx - puff, cy - ry * 0.62],
      [x - rx * 0.5, cy - ry - puff],
      [x + rx * 0.5, cy - ry - puff],
      [x + rx + puff, cy - ry * 0.62],
      [x + rx + puff * 0.5, cy - ry * 0.12],
      [x + rx * 0.84, cy - ry * 0.42],
      [part + rx * 0.2, cy - ry * 0.56],
      [part - rx * 0.5, cy - ry * 0.48],
      [x - rx * 0.86, cy - ry * 0.38],
    ],
    { fill: look.hair, shade: 'x' },
  );
}

function drawBackOfHead(pen: Pen, look: PersonLook, x: number, cy: number, rx: number, ry: number): void {
  // Even a bald head gets a shadow of hair from behind: bare skin in an oval would pass for a face.
  const cropped = look.hairStyle === 'bald';
  pen.blob(
    [
      [x, cy - ry - 1.5],
      [x + rx * 0.85, cy - ry * 0.75],
      [x + rx + 1, cy],
      [x + rx * 0.8, cy + ry * 0.55],
      [x, cy + ry * 0.75],
      [x - rx * 0.8, cy + ry * 0.55],
      [x - rx - 1, cy],
      [x - rx * 0.85, cy - ry * 0.75],
    ],
    { fill: look.hair, shade: 'x', opacity: cropped ? 0.55 : 1 },
  );
}

function drawLongHair(pen: Pen, look: PersonLook, x: number, cy: number, away: boolean): void {
  const low = away ? 34 : 30;
  pen.blob(
    [
      [x, cy - 19],
      [x + 15, cy - 10],
      [x + 17, cy + 10],
      [x + 14, cy + low],
      [x - 14, cy + low],
      [x - 17, cy + 10],
      [x - 15, cy - 10],
    ],
    { fill: shade(look.hair, -0.12), shade: 'x' },
  );
}

function drawHeadgear(pen: Pen, look: PersonLook, pose: HeadPose, x: number, cy: number, rx: number, ry: number): void {
  if (look.headgear === 'none') return;
  const brim = cy - ry * 0.42;
  const top = cy - ry - (look.headgear === 'hard-hat' ? 5 : 3);
  const colour = look.headgearColour;
  pen.blob(
    [
      [x - rx - 1.5, brim],
      [x - rx - 0.5, brim - 8],
      [x - rx * 0.6, top + 2],
      [x + rx * 0.6, top + 2],
      [x + rx + 0.5, brim - 8],
      [x + rx + 1.5, brim],
    ],
    { fill: colour, shade: 'x' },
  );
  if (look.headgear === 'hard-hat') {
    pen.rect(x - 2 + pose.yaw * 3, top + 1.5, 4, brim - top - 4, { fill: shade(colour, 0.35), detail: true }, 2);
    pen.ellipse(x + pose.yaw * 5, brim, rx + 4, 2.2, { fill: shade(colour, -0.18) });
  } else if (look.headgear === 'cap' && !pose.away) {
    pen.ellipse(x + pose.yaw * 9, brim + 0.5, rx * 0.95, 2.6, { fill: shade(colour, -0.3) });
  } else {
    pen.rect(x - rx - 1, brim - 4, 2 * rx + 2, 5, { fill: shade(colour, -0.2) }, 2);
  }
}

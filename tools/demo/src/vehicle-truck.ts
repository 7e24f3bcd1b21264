import { shade } from './colour.ts';
import type { Pen } from './pen.ts';
import { drawPlate } from './plate.ts';
import type { VehicleLook } from './vehicle-look.ts';

const HALF = 126;

/** Draws a lorry head-on, wheels at the pen's origin; `open` shows the inside of the box. */
export function drawTruckEnd(
  pen: Pen,
  look: VehicleLook,
  end: 'front' | 'rear',
  options: { readonly plated: boolean; readonly open?: boolean },
): void {
  const vehicle = pen.add('vehicle');
  pen.ellipse(0, -2, HALF * 1.1, 16, { fill: 'url(#ground-shadow)', detail: true });
  pen.within([vehicle], () => {
    for (const side of [-1, 1]) {
      pen.rect(side * 92 - 27, -78, 54, 78, { fill: '#16171a' }, 8);
      pen.rect(side * 92 - 3, -74, 6, 72, { fill: '#2a2d31', detail: true });
    }
    if (end === 'rear') drawBox(pen, look, options.open ?? false);
    else drawCab(pen, look);
  });
  if (options.plated) drawPlate(pen, look.plate, 0, end === 'rear' ? -70 : -52, vehicle);
}

function drawBox(pen: Pen, look: VehicleLook, open: boolean): void {
  pen.rect(-HALF + 20, -104, HALF * 2 - 40, 34, { fill: '#202328' });
  pen.rect(-HALF + 6, -84, HALF * 2 - 12, 28, { fill: '#33373d', shade: 'y' }, 3);
  for (const side of [-1, 1]) {
    pen.rect(side * 92 - 24, -80, 48, 18, { fill: '#c3202a', stroke: '#5e0f14', strokeWidth: 1.2, detail: true }, 3);
    pen.rect(side * 92 - 8, -77, 14, 12, { fill: '#f0a020', detail: true }, 2);
  }
  pen.rect(-HALF, -392, HALF * 2, 294, { fill: '#e9ebec', shade: 'y', stroke: '#7b8288', strokeWidth: 2 }, 4);
  if (open) {
    pen.rect(-HALF + 10, -382, HALF * 2 - 20, 278, { fill: 'url(#box-inside)', detail: true });
    pen.polygon(
      [
        [-HALF + 10, -104],
        [HALF - 10, -104],
        [64, -170],
        [-64, -170],
      ],
      { fill: '#6d5636', detail: true },
    );
    return;
  }
  pen.rect(-HALF + 8, -384, HALF * 2 - 16, 282, { fill: look.paint, shade: 'x', detail: true }, 2);
  pen.rect(-HALF + 8, -270, HALF * 2 - 16, 34, { fill: look.stripe, detail: true });
  pen.rect(-1.5, -384, 3, 282, { fill: '#3a3f45', detail: true });
  for (const side of [-1, 1]) {
    pen.rect(side * 34 - 2, -380, 4, 274, { fill: '#9da4aa', detail: true });
    pen.rect(side * 34 - 10, -196, 20, 9, { fill: '#5a6067', detail: true }, 2);
    for (const y of [-360, -300, -210, -140])
      pen.rect(side * (HALF - 12) - 7, y, 14, 8, { fill: '#8a9197', detail: true });
  }
}

function drawCab(pen: Pen, look: VehicleLook): void {
  const paint = look.paint;
  for (const side of [-1, 1]) pen.rect(side * (HALF + 10) - 10, -286, 20, 62, { fill: '#1d2024' }, 5);
  pen.blob(
    [
      [-HALF, -40],
      [-HALF, -230],
      [-HALF + 8, -330],
      [-HALF + 34, -362],
      [HALF - 34, -362],
      [HALF - 8, -330],
      [HALF, -230],
      [HALF, -40],
    ],
    { fill: paint, shade: 'y' },
  );
  pen.rect(
    -HALF + 14,
    -302,
    HALF * 2 - 28,
    102,
    { fill: 'url(#glass)', stroke: '#14181c', strokeWidth: 2, detail: true },
    12,
  );
  pen.polygon(
    [
      [-70, -200],
      [-40, -302],
      [0, -302],
      [-30, -200],
    ],
    { fill: '#ffffff', opacity: 0.15, detail: true },
  );
  pen.rect(-HALF + 8, -322, HALF * 2 - 16, 14, { fill: shade(paint, -0.4), detail: true }, 4);
  pen.rect(-72, -184, 144, 92, { fill: '#1c2024', stroke: '#aeb6bc', strokeWidth: 2, detail: true }, 6);
  for (let i = 0; i < 6; i++) pen.rect(-66, -178 + i * 14, 132, 5, { fill: '#4e565d', detail: true });
  pen.rect(-HALF + 4, -84, HALF * 2 - 8, 54, { fill: shade(paint, -0.5), detail: true }, 8);
  for (const side of [-1, 1]) {
    pen.rect(
      side * 98 - 22,
      -80,
      44,
      26,
      { fill: look.lightsOn ? '#fffbe0' : '#dde5e8', stroke: '#23272b', strokeWidth: 1.5, detail: true },
      6,
    );
    if (look.lightsOn) pen.ellipse(side * 98, -67, 46, 40, { fill: 'url(#lamp-glow)', detail: true });
  }
}

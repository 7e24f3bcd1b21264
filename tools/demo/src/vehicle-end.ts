import { shade } from './colour.ts';
import type { Pen, Style } from './pen.ts';
import { drawPlate } from './plate.ts';
import type { VehicleLook } from './vehicle-look.ts';

interface Shape {
  readonly width: number;
  readonly height: number;
  /** Height of the window line, and half the roof's width. */
  readonly belt: number;
  readonly roof: number;
  readonly clearance: number;
}

const SHAPES = {
  car: { width: 182, height: 146, belt: 92, roof: 56, clearance: 22 },
  suv: { width: 194, height: 174, belt: 112, roof: 68, clearance: 30 },
  van: { width: 204, height: 238, belt: 128, roof: 84, clearance: 28 },
} as const satisfies Record<string, Shape>;

const GLASS: Style = { fill: 'url(#glass)', stroke: '#14181c', strokeWidth: 1.5, detail: true };

/** Draws a car, an SUV or a van head-on, wheels at the pen's origin; without its plate where `plated` is false. */
export function drawVehicleEnd(pen: Pen, look: VehicleLook, end: 'front' | 'rear', plated: boolean): void {
  const shape: Shape = SHAPES[look.model === 'truck' ? 'van' : look.model];
  const { width, height, belt, roof, clearance } = shape;
  const half = width / 2;
  const paint = look.paint;
  const vehicle = pen.add('vehicle');
  pen.ellipse(0, -2, half * 1.12, 13, { fill: 'url(#ground-shadow)', detail: true });
  pen.within([vehicle], () => {
    for (const side of [-1, 1]) pen.rect(side * (half - 17) - 14, -46, 28, 46, { fill: '#17181a' }, 6);
    pen.rect(-half + 14, -clearance - 12, width - 28, 14, { fill: '#0f1012' });
    for (const side of [-1, 1])
      pen.ellipse(side * (half + 3), -belt - 4, 9, 7, { fill: shade(paint, -0.2), shade: 'y' });
    pen.blob(
      [
        [-half * 0.92, -belt + 4],
        [-roof - 5, -height + 12],
        [-roof * 0.82, -height],
        [roof * 0.82, -height],
        [roof + 5, -height + 12],
        [half * 0.92, -belt + 4],
        [0, -belt + 16],
      ],
      { fill: shade(paint, 0.08), shade: 'y' },
    );
    pen.blob(
      [
        [-half * 0.9, -belt - 3],
        [0, -belt - 6],
        [half * 0.9, -belt - 3],
        [half, -belt + 20],
        [half, -clearance - 14],
        [half * 0.92, -clearance],
        [-half * 0.92, -clearance],
        [-half, -clearance - 14],
        [-half, -belt + 20],
      ],
      { fill: paint, shade: 'y' },
    );
  });
  drawWindow(pen, shape, end);
  if (end === 'front') drawFront(pen, look, shape);
  else drawRear(pen, look, shape);
  const plateY = end === 'front' ? -clearance - 17 : -clearance - (look.model === 'van' ? 24 : 36);
  if (plated) drawPlate(pen, look.plate, 0, plateY, vehicle);
  else pen.rect(-29, plateY - 8, 58, 16, { fill: shade(paint, -0.45), detail: true }, 3);
}

function drawWindow(pen: Pen, { width, height, belt, roof }: Shape, end: 'front' | 'rear'): void {
  const wide = (width / 2) * 0.82;
  const low = end === 'front' ? -belt - 1 : -belt - 4;
  const inset = end === 'front' ? 0 : 6;
  pen.polygon(
    [
      [-wide + inset, low],
      [-roof * 0.9 + inset, -height + 12],
      [roof * 0.9 - inset, -height + 12],
      [wide - inset, low],
    ],
    GLASS,
  );
  pen.polygon(
    [
      [-wide * 0.55, low],
      [-roof * 0.45, -height + 12],
      [-roof * 0.1, -height + 12],
      [-wide * 0.2, low],
    ],
    { fill: '#ffffff', opacity: 0.16, detail: true },
  );
  if (end === 'front') {
    // The headrests, seen through the glass.
    for (const side of [-1, 1])
      pen.ellipse(side * wide * 0.42, low - 15, 11, 12, { fill: '#0d1114', opacity: 0.55, detail: true });
  }
}

function drawFront(pen: Pen, look: VehicleLook, { width, belt, clearance }: Shape): void {
  const half = width / 2;
  const lamp = look.lightsOn ? '#fffbe0' : '#dfe7ea';
  for (const side of [-1, 1]) {
    pen.blob(
      [
        [side * half * 0.95, -belt + 28],
        [side * half * 0.6, -belt + 24],
        [side * half * 0.52, -belt + 36],
        [side * half * 0.92, -belt + 42],
      ],
      { fill: lamp, stroke: '#2a2d31', strokeWidth: 1.2, detail: true },
    );
    if (look.lightsOn) pen.ellipse(side * half * 0.75, -belt + 33, 34, 30, { fill: 'url(#lamp-glow)', detail: true });
    pen.ellipse(side * half * 0.75, -clearance - 12, 8, 5, { fill: '#20252a', detail: true });
    pen.limb(
      [
        [side * half * 0.5, -belt + 22],
        [side * half * 0.62, -belt + 1],
      ],
      1.2,
      { fill: shade(look.paint, -0.3), detail: true },
    );
  }
  pen.rect(
    -half * 0.48,
    -belt + 26,
    half * 0.96,
    17,
    { fill: '#1b1e22', stroke: '#9aa2a8', strokeWidth: 1.4, detail: true },
    6,
  );
  for (let i = 0; i < 3; i++)
    pen.rect(-half * 0.44, -belt + 30 + i * 4.4, half * 0.88, 1.2, { fill: '#5d656c', detail: true });
  pen.ellipse(0, -belt + 34, 6, 6, { fill: '#c9d0d5', stroke: '#666c72', strokeWidth: 1, detail: true });
  pen.rect(-half * 0.86, -clearance - 6, half * 1.72, 5, { fill: '#16181b', detail: true }, 2);
}

function drawRear(pen: Pen, look: VehicleLook, { width, height, belt, clearance }: Shape): void {
  const half = width / 2;
  const tall = look.model === 'van';
  for (const side of [-1, 1]) {
    const lampTop = tall ? -belt - 26 : -belt + 14;
    const lampX = side * half * 0.84;
    pen.rect(
      lampX - 13,
      lampTop,
      26,
      tall ? 62 : 24,
      { fill: '#c3202a', stroke: '#5e0f14', strokeWidth: 1.2, detail: true },
      5,
    );
    pen.rect(lampX - 9, lampTop + (tall ? 40 : 14), 18, 7, { fill: '#f2e3cf', detail: true }, 2);
    if (look.lightsOn) pen.ellipse(lampX, lampTop + 12, 30, 26, { fill: 'url(#brake-glow)', detail: true });
  }
  const line = { fill: shade(look.paint, -0.35), detail: true };
  if (tall)
    pen.limb(
      [
        [0, -height + 10],
        [0, -clearance - 6],
      ],
      1.6,
      line,
    );
  else
    pen.limb(
      [
        [-half * 0.66, -belt + 10],
        [-half * 0.62, -clearance - 16],
        [half * 0.62, -clearance - 16],
        [half * 0.66, -belt + 10],
      ],
      1.4,
      line,
    );
  pen.rect(-half * 0.9, -clearance - 10, half * 1.8, 9, { fill: '#1d2024', detail: true }, 3);
  pen.ellipse(-half * 0.6, -clearance - 3, 6, 3, { fill: '#8d949a', detail: true });
}

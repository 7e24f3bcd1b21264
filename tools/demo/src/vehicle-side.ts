import { shade } from './colour.ts';
import type { Pen } from './pen.ts';
import type { Point } from './polygon.ts';
import type { VehicleLook, VehicleModel } from './vehicle-look.ts';

interface Profile {
  readonly body: readonly Point[];
  readonly windows: readonly (readonly Point[])[];
  readonly wheels: readonly number[];
  readonly wheelRadius: number;
}

// Seen from its right side, nose to the right, in centimetres.
const PROFILES: Readonly<Record<VehicleModel, Profile>> = {
  car: {
    body: [
      [-216, -24],
      [-222, -62],
      [-208, -92],
      [-150, -98],
      [-96, -142],
      [20, -146],
      [84, -98],
      [176, -84],
      [218, -62],
      [220, -30],
      [200, -22],
    ],
    windows: [
      [
        [-128, -99],
        [-88, -134],
        [-34, -137],
        [-34, -97],
      ],
      [
        [-24, -97],
        [-24, -137],
        [14, -137],
        [64, -96],
      ],
    ],
    wheels: [-140, 132],
    wheelRadius: 33,
  },
  suv: {
    body: [
      [-218, -32],
      [-224, -80],
      [-214, -116],
      [-196, -166],
      [-160, -176],
      [24, -174],
      [88, -118],
      [184, -104],
      [222, -78],
      [222, -38],
      [200, -28],
    ],
    windows: [
      [
        [-186, -116],
        [-168, -162],
        [-100, -164],
        [-100, -114],
      ],
      [
        [-90, -114],
        [-90, -164],
        [-30, -164],
        [-30, -114],
      ],
      [
        [-20, -114],
        [-20, -164],
        [18, -163],
        [70, -114],
      ],
    ],
    wheels: [-142, 138],
    wheelRadius: 38,
  },
  van: {
    body: [
      [-268, -34],
      [-270, -228],
      [-254, -240],
      [110, -240],
      [150, -226],
      [206, -140],
      [262, -112],
      [268, -50],
      [250, -30],
    ],
    windows: [
      [
        [92, -136],
        [92, -212],
        [138, -212],
        [188, -136],
      ],
    ],
    wheels: [-168, 168],
    wheelRadius: 37,
  },
  truck: {
    body: [
      [208, -60],
      [208, -296],
      [228, -322],
      [322, -322],
      [346, -286],
      [352, -190],
      [360, -100],
      [358, -52],
    ],
    windows: [
      [
        [262, -196],
        [262, -288],
        [322, -288],
        [338, -196],
      ],
    ],
    wheels: [-300, -214, 272],
    wheelRadius: 48,
  },
};

/** Draws a vehicle from the side, nose to the right (mirror the pen for the left), wheels at the pen's origin. Shows no plate. */
export function drawVehicleSide(pen: Pen, look: VehicleLook): void {
  const profile = PROFILES[look.model];
  const { paint } = look;
  const vehicle = pen.add('vehicle');
  const reach = look.model === 'truck' ? 370 : 240;
  pen.ellipse(0, -2, reach, 14, { fill: 'url(#ground-shadow)', detail: true });
  pen.within([vehicle], () => {
    if (look.model === 'truck') {
      pen.rect(-390, -104, 640, 34, { fill: '#24282d' });
      pen.rect(-400, -396, 596, 300, { fill: '#e7e9ea', shade: 'y', stroke: '#80878d', strokeWidth: 2 }, 4);
      pen.rect(-392, -300, 580, 52, { fill: look.stripe, detail: true });
      for (let x = -330; x < 180; x += 66) pen.rect(x, -392, 1.5, 292, { fill: '#b4babf', detail: true });
    }
    for (const x of profile.wheels)
      pen.ellipse(x, -profile.wheelRadius - 2, profile.wheelRadius + 7, profile.wheelRadius + 7, { fill: '#101214' });
    pen.blob(profile.body, { fill: paint, shade: 'y' });
    if (look.model === 'van') pen.rect(-262, -150, 340, 30, { fill: look.stripe, detail: true, opacity: 0.9 });
    for (const window of profile.windows)
      pen.polygon(window, { fill: 'url(#glass)', stroke: '#14181c', strokeWidth: 2, detail: true });
    for (const x of profile.wheels) drawWheel(pen, x, profile.wheelRadius);
  });
  if (look.model === 'truck') return;
  const [nose, tail] = [Math.max(...profile.body.map(([x]) => x)), Math.min(...profile.body.map(([x]) => x))];
  pen.ellipse(nose - 12, -74, 11, 7, { fill: look.lightsOn ? '#fffbe0' : '#dde5e8', detail: true });
  pen.rect(tail + 4, -94, 9, 24, { fill: '#c3202a', detail: true }, 3);
  for (const x of [-40, 40]) pen.rect(x - 8, -88, 16, 3.4, { fill: shade(paint, -0.4), detail: true }, 1.5);
  pen.limb(
    [
      [-30, -104],
      [-30, -36],
    ],
    1.2,
    { fill: shade(paint, -0.35), detail: true },
  );
}

/** A wheel standing on the ground, its hub at `x`. */
export function drawWheel(pen: Pen, x: number, radius: number): void {
  pen.ellipse(x, -radius, radius, radius, { fill: '#17181b' });
  pen.ellipse(x, -radius, radius * 0.62, radius * 0.62, {
    fill: '#aab1b7',
    stroke: '#5b6167',
    strokeWidth: 2,
    detail: true,
  });
  for (let i = 0; i < 5; i++) {
    const angle = (i / 5) * 2 * Math.PI;
    pen.limb(
      [
        [x, -radius],
        [x + Math.cos(angle) * radius * 0.55, -radius + Math.sin(angle) * radius * 0.55],
      ],
      radius * 0.12,
      { fill: '#6f767d', detail: true },
    );
  }
  pen.ellipse(x, -radius, radius * 0.16, radius * 0.16, { fill: '#3c4147', detail: true });
}

import { shade } from './colour.ts';
import { drawParcel, type ParcelLook } from './parcel.ts';
import type { Pen } from './pen.ts';
import { drawPerson } from './person.ts';
import type { PersonLook } from './person-look.ts';
import { drawWheel } from './vehicle-side.ts';

export interface ForkliftLook {
  readonly paint: string;
  readonly driver: PersonLook | undefined;
  readonly load: readonly ParcelLook[];
  /** Height of the forks, in centimetres. */
  readonly lift: number;
}

/** Draws a forklift from the side, forks to the right, wheels at the pen's origin. */
export function drawForklift(pen: Pen, look: ForkliftLook, away: boolean): void {
  const vehicle = pen.add('vehicle');
  const dark = '#24272b';
  pen.ellipse(20, -2, 170, 13, { fill: 'url(#ground-shadow)', detail: true });
  pen.within([vehicle], () => {
    pen.rect(78, -212, 9, 200, { fill: dark });
    pen.rect(66, -208, 7, 196, { fill: shade(dark, 0.15) });
  });
  if (look.driver) drawPerson(pen, look.driver, { heading: 1, yaw: 0.5, away, arms: 'carry', seated: true });
  pen.within([vehicle], () => {
    // The overhead guard, in front of the driver.
    pen.limb(
      [
        [-84, -92],
        [-58, -218],
      ],
      6,
      { fill: dark },
    );
    pen.limb(
      [
        [62, -84],
        [46, -218],
      ],
      6,
      { fill: dark },
    );
    pen.limb(
      [
        [-62, -219],
        [52, -219],
      ],
      7,
      { fill: dark },
    );
    pen.blob(
      [
        [-122, -30],
        [-126, -88],
        [-96, -108],
        [-30, -104],
        [-18, -76],
        [28, -74],
        [62, -84],
        [66, -34],
      ],
      { fill: look.paint, shade: 'y' },
    );
    pen.rect(-118, -100, 42, 62, { fill: shade(look.paint, -0.35), detail: true }, 8);
    pen.rect(-66, -62, 60, 7, { fill: '#1d2024', detail: true });
    drawWheel(pen, -78, 26);
    drawWheel(pen, 44, 31);
    pen.rect(84, -look.lift - 8, 106, 6, { fill: '#3b4046' });
    pen.rect(84, -look.lift - 52, 7, 50, { fill: '#3b4046' });
  });
  if (look.load.length === 0) return;
  drawPallet(pen, 138, -look.lift - 7, 100);
  let bottom = -look.lift - 21;
  for (const parcel of look.load) {
    drawParcel(pen, parcel, 138, bottom);
    bottom -= parcel.height;
  }
}

/** A wooden pallet whose underside is centred on (x, y). Part of the scenery: no object of its own. */
export function drawPallet(pen: Pen, x: number, y: number, width: number): void {
  pen.within([], () => {
    pen.rect(x - width / 2, y - 14, width, 5, { fill: '#b08a5a' });
    for (const at of [0, 0.43, 0.86]) pen.rect(x - width / 2 + at * width, y - 9, width * 0.14, 9, { fill: '#8a6a42' });
    pen.rect(x - width / 2, y - 2, width, 3, { fill: '#9c784b' });
  });
}

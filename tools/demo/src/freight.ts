import type { Actor, Mover } from './actor.ts';
import { drawPallet } from './forklift.ts';
import { chooseParcel, drawParcel, type ParcelLook } from './parcel.ts';
import { Pen } from './pen.ts';
import type { Spot } from './people.ts';
import type { Random } from './random.ts';
import { rowOf, type View } from './view.ts';

/** A pallet with one to three layers of parcels. */
export function pallet(view: View, random: Random, spot: Spot): Mover {
  const skew = random.range(0.14, 0.26) * (random.chance(0.5) ? 1 : -1);
  const columns = random.int(1, 2);
  const width = 104 / columns;
  const stacks = Array.from({ length: columns }, () =>
    Array.from({ length: random.int(1, 3) }, () => ({
      ...chooseParcel(random),
      width: width - random.range(2, 9),
      skew,
    })),
  );
  return () =>
    still(view, spot, (pen) => {
      pen.ellipse(0, -1, 74, 10, { fill: 'url(#ground-shadow)', detail: true });
      drawPallet(pen, 0, 0, 120);
      stacks.forEach((stack, i) => {
        let bottom = -14;
        for (const look of stack) {
          drawParcel(pen, look, (i - (columns - 1) / 2) * width, bottom);
          bottom -= look.height;
        }
      });
    });
}

/** One parcel, or two on top of each other, left on the floor. */
export function onFloor(view: View, random: Random, spot: Spot): Mover {
  const looks = Array.from({ length: random.chance(0.25) ? 2 : 1 }, () => chooseParcel(random));
  return () =>
    still(view, spot, (pen) => {
      pen.ellipse(0, -1, 52, 8, { fill: 'url(#ground-shadow)', detail: true });
      let bottom = 0;
      for (const look of looks) {
        drawParcel(pen, look, 0, bottom);
        bottom -= look.height;
      }
    });
}

/** A belt across the hall on which parcels travel; a whole number of spacings pass in a loop, so that it closes. */
export function conveyor(view: View, random: Random, scale: number, from: number, to: number): Mover {
  const spacing = random.range(125, 220);
  const length = (to - from) / scale;
  const count = Math.ceil(length / spacing) + 1;
  const looks: ParcelLook[] = Array.from({ length: count }, () => chooseParcel(random, 58));
  const direction = random.chance(0.5) ? 1 : -1;
  const shift = random.next();
  return (t) =>
    still(view, { x: from, scale }, (pen) => {
      pen.within([], () => {
        pen.ellipse(length / 2, 0, length * 0.52, 9, { fill: 'url(#ground-shadow)', detail: true });
        for (let x = 20; x < length; x += 150) pen.rect(x - 5, -64, 10, 64, { fill: '#3a4148' });
        pen.rect(-6, -82, length + 12, 22, { fill: '#59636b', shade: 'y' }, 8);
        pen.rect(-6, -84, length + 12, 6, { fill: '#24282c' }, 3);
        for (let x = 6; x < length; x += 22) pen.ellipse(x, -71, 5, 5, { fill: '#8b949b', detail: true });
        pen.rect(length * 0.06, -76, 46, 11, { fill: '#d9a21b', detail: true });
      });
      const loop = count * spacing;
      looks.forEach((look, i) => {
        const x = ((((i + shift) * spacing + direction * t * loop) % loop) + loop) % loop;
        if (x > look.width / 2 && x < length - look.width / 2) drawParcel(pen, look, x, -84);
      });
    });
}

function still(view: View, spot: Spot, draw: (pen: Pen) => void): Actor {
  const depth = rowOf(view, spot.scale);
  return {
    depth,
    draw() {
      const pen = new Pen({ x: spot.x, y: depth, scale: spot.scale });
      draw(pen);
      return pen.finish();
    },
  };
}

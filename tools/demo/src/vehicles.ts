import { type Actor, FACE_SCALE, type Mover, PLATE_SCALE } from './actor.ts';
import { drawForklift, type ForkliftLook } from './forklift.ts';
import { chooseParcel } from './parcel.ts';
import { Pen } from './pen.ts';
import type { Spot } from './people.ts';
import { choosePerson } from './person-look.ts';
import type { Random } from './random.ts';
import { drawVehicleEnd } from './vehicle-end.ts';
import { chooseVehicle, type VehicleLook, type VehicleModel } from './vehicle-look.ts';
import { drawVehicleSide } from './vehicle-side.ts';
import { drawTruckEnd } from './vehicle-truck.ts';
import { columnOf, rowOf, type View } from './view.ts';

/** A vehicle that stands still and shows its front or rear. */
export function parked(view: View, random: Random, spot: Spot, model: VehicleModel, end: 'front' | 'rear'): Mover {
  const look = chooseVehicle(random, model);
  const open = random.chance(0.3);
  return () => endOn(view, spot, look, end, open);
}

/** A vehicle that drives along a lane, towards the camera or away from it, from the far distance to below the frame. */
export function driving(view: View, random: Random, lane: number, model: VehicleModel, end: 'front' | 'rear'): Mover {
  const look = chooseVehicle(random, model);
  const start = random.next();
  const [far, near] = [0.14, 4.6];
  return (t) => {
    const along = (t + start) % 1;
    // Steady speed over the ground: the scale is the inverse of the distance.
    const part = end === 'front' ? along : 1 - along;
    const scale = 1 / (1 / far + (1 / near - 1 / far) * part);
    return endOn(view, { x: columnOf(view, lane, scale), scale }, look, end, false);
  };
}

/** A vehicle that crosses the picture sideways once in a loop; it shows no plate. */
export function crossing(view: View, random: Random, spot: Spot, model: VehicleModel): Mover {
  const look = chooseVehicle(random, model);
  const heading = random.chance(0.5) ? 1 : -1;
  const margin = 420 * spot.scale;
  const span = view.width + 2 * margin;
  return (t) => {
    const along = (((spot.x + margin + heading * t * span) % span) + span) % span;
    return sideOn(view, { ...spot, x: along - margin }, look, heading < 0);
  };
}

/** A vehicle parked sideways. */
export function parkedSideways(view: View, random: Random, spot: Spot, model: VehicleModel): Mover {
  const look = chooseVehicle(random, model);
  const mirror = random.chance(0.5);
  return () => sideOn(view, spot, look, mirror);
}

/** A forklift with a driver that crosses the picture once in a loop. */
export function forklift(view: View, random: Random, spot: Spot): Mover {
  const loaded = random.int(0, 2);
  const look: ForkliftLook = {
    paint: random.pick(['#e8a317', '#d9541e', '#3f8f4f', '#2d6da8', '#c22f2f']),
    driver: choosePerson(random, { vest: 0.7, hardHat: 0.5 }),
    load: Array.from({ length: loaded }, () => chooseParcel(random, 78)),
    lift: random.range(4, 40),
  };
  const heading = random.chance(0.5) ? 1 : -1;
  const margin = 230 * spot.scale;
  const span = view.width + 2 * margin;
  return (t) => {
    const along = (((spot.x + margin + heading * t * span) % span) + span) % span;
    const depth = rowOf(view, spot.scale);
    return {
      depth,
      draw(revealed) {
        const pen = new Pen({ x: along - margin, y: depth, scale: spot.scale, mirror: heading < 0 });
        drawForklift(pen, look, !revealed || spot.scale < FACE_SCALE);
        return pen.finish();
      },
    };
  };
}

function endOn(view: View, at: Spot, look: VehicleLook, end: 'front' | 'rear', open: boolean): Actor {
  const depth = rowOf(view, at.scale);
  return {
    depth,
    draw(revealed) {
      const pen = new Pen({ x: at.x, y: depth, scale: at.scale });
      const plated = revealed && at.scale >= PLATE_SCALE;
      if (look.model === 'truck') drawTruckEnd(pen, look, end, { plated, open });
      else drawVehicleEnd(pen, look, end, plated);
      return pen.finish();
    },
  };
}

function sideOn(view: View, at: Spot, look: VehicleLook, mirror: boolean): Actor {
  const depth = rowOf(view, at.scale);
  return {
    depth,
    draw() {
      const pen = new Pen({ x: at.x, y: depth, scale: at.scale, mirror });
      drawVehicleSide(pen, look);
      return pen.finish();
    },
  };
}

import { type Actor, FACE_SCALE, type Mover } from './actor.ts';
import { chooseParcel } from './parcel.ts';
import { Pen } from './pen.ts';
import { drawPerson, type PersonPose } from './person.ts';
import { choosePerson, type Dress, type PersonLook } from './person-look.ts';
import type { Random } from './random.ts';
import { rowOf, type View } from './view.ts';

const TURN = 2 * Math.PI;

export interface Spot {
  /** Picture column, and pixels per centimetre (which says how far away). */
  readonly x: number;
  readonly scale: number;
}

/** Somebody who stays where they are, looks about, and perhaps points, writes or holds a parcel. */
export function standing(view: View, random: Random, spot: Spot, dress: Dress): Mover {
  const look = choosePerson(random, dress);
  const heading = random.pick([0, 0, 0, 1, -1] as const);
  const arms = random.pick(['swing', 'hip', 'clipboard', 'point', 'carry'] as const);
  const carried = arms === 'carry' ? chooseParcel(random, 52) : undefined;
  const away = random.chance(0.14);
  const [facing, glance, phase] = [
    heading * 0.55 + random.range(-0.45, 0.45),
    random.range(0.1, 0.35),
    random.range(0, TURN),
  ];
  return (t) => {
    const yaw = clampYaw(facing + glance * Math.sin(t * TURN * 2 + phase));
    return person(view, spot, look, { heading, yaw, away, arms, carried });
  };
}

/** Somebody who crosses the picture once in a loop, from beyond one edge to beyond the other. */
export function walking(view: View, random: Random, spot: Spot, dress: Dress): Mover {
  const look = choosePerson(random, dress);
  const heading = random.chance(0.5) ? 1 : -1;
  const carry = random.chance(0.35);
  const carried = carry ? chooseParcel(random, 50) : undefined;
  const arms = carry ? 'carry' : 'swing';
  const [yaw, phase] = [heading * random.range(0.25, 0.9), random.range(0, TURN)];
  const margin = 120 * spot.scale;
  const span = view.width + 2 * margin;
  const steps = Math.max(1, Math.round(span / (spot.scale * 150)));
  return (t) => {
    const along = (((spot.x + margin + heading * t * span) % span) + span) % span;
    const at = { ...spot, x: along - margin };
    return person(view, at, look, {
      heading,
      yaw: clampYaw(yaw + 0.12 * Math.sin(t * TURN * 3 + phase)),
      away: false,
      arms,
      carried,
      stride: phase + t * TURN * steps,
    });
  };
}

/** Somebody who comes towards the camera on a straight line and, half a loop later, goes back. */
export function approaching(view: View, random: Random, spot: Spot, dress: Dress): Mover {
  const look = choosePerson(random, dress);
  const carry = random.chance(0.3);
  const carried = carry ? chooseParcel(random, 50) : undefined;
  const [start, phase, yaw] = [random.next(), random.range(0, TURN), random.range(-0.35, 0.35)];
  const offset = (spot.x - view.vanishX) / spot.scale;
  return (t) => {
    const cycle = (t + start) % 1;
    const coming = cycle < 0.5;
    const scale = spot.scale * (0.85 + 0.6 * (coming ? cycle : 1 - cycle));
    const at = { x: view.vanishX + offset * scale, scale };
    return person(view, at, look, {
      heading: 0,
      yaw: clampYaw(yaw + 0.15 * Math.sin(t * TURN * 2 + phase)),
      away: !coming,
      arms: carry ? 'carry' : 'swing',
      carried,
      stride: phase + t * TURN * 8,
    });
  };
}

function person(view: View, at: Spot, look: PersonLook, pose: PersonPose): Actor {
  const depth = rowOf(view, at.scale);
  const scale = (at.scale * look.height) / 175;
  return {
    depth,
    draw(revealed: boolean) {
      const pen = new Pen({ x: at.x, y: depth, scale });
      drawPerson(pen, look, { ...pose, away: pose.away || !revealed || scale < FACE_SCALE });
      return pen.finish();
    },
  };
}

function clampYaw(yaw: number): number {
  return Math.max(-0.8, Math.min(0.8, yaw));
}

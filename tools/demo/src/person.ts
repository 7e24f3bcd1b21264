import { shade } from './colour.ts';
import { drawHead } from './head.ts';
import { drawParcel, type ParcelLook } from './parcel.ts';
import type { Pen } from './pen.ts';
import type { PersonLook } from './person-look.ts';
import type { Point } from './polygon.ts';

export interface PersonPose {
  /** Which way the body goes: 0 towards the camera, 1 and -1 to the picture's right and left. */
  readonly heading: -1 | 0 | 1;
  /** Head's yaw, as in {@link drawHead}. */
  readonly yaw: number;
  readonly away: boolean;
  /** Radians of the walk; `undefined` for one who stands. */
  readonly stride?: number | undefined;
  readonly arms: 'swing' | 'carry' | 'point' | 'clipboard' | 'hip';
  readonly carried?: ParcelLook | undefined;
  /** Only the upper body is drawn, as on a driver's seat. */
  readonly seated?: boolean;
}

const HIP = -90;
const SHOULDER = -141;
const NECK = -147;

/** Draws a person with the feet at the pen's origin. */
export function drawPerson(pen: Pen, look: PersonLook, pose: PersonPose): void {
  const person = pen.add('person');
  const side = pose.heading !== 0;
  const swing = pose.stride === undefined ? 0 : Math.sin(pose.stride);
  const half = (side ? 15 : 22) * look.girth;
  const bob = pose.stride === undefined ? 0 : Math.abs(Math.cos(pose.stride)) * 1.5;
  if (!pose.seated) pen.ellipse(0, 0, 34, 7, { fill: 'url(#ground-shadow)', detail: true });
  pen.within([person], () => {
    if (side) drawArm(pen, look, pose, -1, half, swing, bob);
    if (!pose.seated) drawLegs(pen, look, pose, swing);
    drawTorso(pen, look, half, bob, { side, away: pose.away });
    pen.rect(-5.5, NECK - 7 - bob, 11, 12, { fill: shade(look.skin, -0.18) }, 4);
  });
  drawHead(pen, look, pose, pose.heading * 2, NECK - 3 - bob, person);
  const carry = pose.carried;
  if (carry && pose.arms === 'carry') {
    const x = pose.heading * (12 + carry.width * 0.35);
    if (!pose.away || side) drawParcel(pen, carry, x, -96 - bob);
  }
  pen.within([person], () => {
    if (!side) drawArm(pen, look, pose, -1, half, swing, bob);
    drawArm(pen, look, pose, 1, half, swing, bob);
  });
}

function drawLegs(pen: Pen, look: PersonLook, pose: PersonPose, swing: number): void {
  for (const leg of [-1, 1]) {
    const near = leg > 0;
    const colour = near ? look.trousers : shade(look.trousers, -0.22);
    const [hip, knee, ankle] = legJoints(pose, leg, swing, look.girth);
    pen.limb([hip, knee], 17 * look.girth, { fill: colour });
    pen.limb([knee, ankle], 13 * look.girth, { fill: colour });
    const toe = pose.heading === 0 ? leg * 3 : pose.heading * 9;
    pen.limb([[ankle[0], ankle[1] + 3] as Point, [ankle[0] + toe, ankle[1] + 4] as Point], 8.5, { fill: look.shoes });
  }
}

function legJoints(pose: PersonPose, leg: number, swing: number, girth: number): [Point, Point, Point] {
  const hipX = leg * (pose.heading === 0 ? 9.5 * girth : 3);
  const floor = -8;
  if (pose.heading === 0) {
    // Towards the camera a stride shows as one foot lifted and lower in the picture than the other.
    const lift = Math.max(0, swing * leg) * 9;
    return [
      [hipX, HIP],
      [hipX + leg * 1.5, -48 - lift],
      [hipX + leg, floor - lift],
    ];
  }
  const angle = swing * leg * 0.48;
  const forward = pose.heading;
  const flex = pose.stride === undefined ? 0.04 : 0.18 + 0.45 * Math.max(0, Math.cos(pose.stride) * leg);
  const knee: Point = [hipX + forward * Math.sin(angle) * 42, HIP + Math.cos(angle) * 42];
  const shin = angle - flex;
  const ankle: Point = [knee[0] + forward * Math.sin(shin) * 41, Math.min(floor, knee[1] + Math.cos(shin) * 41)];
  return [[hipX, HIP], knee, ankle];
}

function drawTorso(
  pen: Pen,
  look: PersonLook,
  half: number,
  bob: number,
  { side, away }: { side: boolean; away: boolean },
): void {
  const [top, low] = [SHOULDER - bob, HIP + 6];
  const waist = half * (side ? 0.95 : 0.82);
  const shape: Point[] = [
    [-half * 0.45, top - 7],
    [half * 0.45, top - 7],
    [half, top + 2],
    [half * 0.98, top + 20],
    [waist, -105],
    [half * 0.88, low],
    [-half * 0.88, low],
    [-waist, -105],
    [-half * 0.98, top + 20],
    [-half, top + 2],
  ];
  pen.blob(shape, { fill: look.top, shade: 'x' });
  if (look.vest === undefined) {
    if (away) return;
    pen.polygon(
      [
        [-5, top - 7],
        [5, top - 7],
        [0, top + 3],
      ],
      { fill: shade(look.skin, -0.1), detail: true },
    );
    return;
  }
  pen.blob(
    shape.map(([x, y]) => [x * 0.94, y < -110 ? y + 1 : y - 2] as Point),
    { fill: look.vest, shade: 'x', detail: true },
  );
  const band = { fill: '#e3e8ea', detail: true, opacity: 0.95 };
  pen.rect(-half * 0.86, -103, half * 1.72, 5, band);
  pen.rect(-half * 0.9, -117, half * 1.8, 5, band);
  if (!side) for (const strip of [-1, 1]) pen.rect(strip * half * 0.55 - 2.2, top - 3, 4.4, 34 + bob, band);
  if (!away) pen.rect(-0.5, top + 4, 1, 44 + bob, { fill: shade(look.vest, -0.35), detail: true });
}

function drawArm(
  pen: Pen,
  look: PersonLook,
  pose: PersonPose,
  arm: -1 | 1,
  half: number,
  swing: number,
  bob: number,
): void {
  const side = pose.heading !== 0;
  const shoulder: Point = [side ? 0 : arm * (half - 2.5), SHOULDER + 5 - bob];
  const [elbow, hand] = armJoints(pose, arm, shoulder, swing);
  const shadeBy = arm < 0 && side ? -0.25 : -0.08;
  const sleeve = { fill: shade(look.top, shadeBy) };
  pen.limb([shoulder, elbow], 10.5 * look.girth, sleeve);
  pen.limb([elbow, hand], 8 * look.girth, look.shortSleeves ? { fill: shade(look.skin, shadeBy) } : sleeve);
  pen.ellipse(hand[0], hand[1], 5, 5.5, { fill: shade(look.skin, arm < 0 && side ? -0.15 : 0) });
  if (pose.arms === 'clipboard' && arm > 0 && !pose.away) {
    const x = hand[0] - (side ? 0 : 8);
    pen.rect(x - 10, hand[1] - 17, 21, 27, { fill: '#7b5535' }, 2);
    pen.rect(x - 8, hand[1] - 14, 17, 22, { fill: '#f3f1ea', detail: true });
    for (let i = 0; i < 4; i++) pen.rect(x - 6, hand[1] - 10 + i * 4, 12, 1.2, { fill: '#9aa0a6', detail: true });
  }
}

function armJoints(pose: PersonPose, arm: -1 | 1, [x, y]: Point, swing: number): [Point, Point] {
  const { heading } = pose;
  if (pose.arms === 'carry') {
    const reach = pose.carried ? pose.carried.width * 0.5 : 16;
    if (heading !== 0) {
      const hand: Point = [heading * (10 + reach * 0.8), -104];
      return [[x + heading * 4, -112], hand];
    }
    return [
      [x + arm * 5, -112],
      [arm * Math.min(reach, 30), -106],
    ];
  }
  if (pose.arms === 'point' && arm > 0) {
    const to = heading === 0 ? arm : heading;
    return [
      [x + to * 24, y + 6],
      [x + to * 50, y - 6],
    ];
  }
  if (pose.arms === 'clipboard' && arm > 0)
    return [
      [x + (heading || arm) * 4, -113],
      [heading === 0 ? 9 : heading * 22, -116],
    ];
  if (pose.arms === 'hip' && heading === 0)
    return [
      [x + arm * 15, -114],
      [x - arm * 2, -94],
    ];
  if (heading === 0) {
    const lift = swing * arm * 5;
    return [
      [x + arm * 4, y + 27],
      [x + arm * 3, y + 51 - Math.max(0, lift)],
    ];
  }
  const angle = -swing * arm * 0.55;
  const elbow: Point = [x + heading * Math.sin(angle) * 27, y + Math.cos(angle) * 27];
  const lower = angle + 0.3;
  return [elbow, [elbow[0] + heading * Math.sin(lower) * 25, elbow[1] + Math.cos(lower) * 25]];
}

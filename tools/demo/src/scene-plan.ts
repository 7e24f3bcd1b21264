import type { Mover } from './actor.ts';
import { drawDock, planDock } from './backdrop-dock.ts';
import { drawGate } from './backdrop-gate.ts';
import { drawShop } from './backdrop-shop.ts';
import { conveyor, onFloor, pallet } from './freight.ts';
import { approaching, type Spot, standing, walking } from './people.ts';
import type { Dress } from './person-look.ts';
import { Random } from './random.ts';
import { crossing, driving, forklift, parked, parkedSideways } from './vehicles.ts';
import { chooseView, columnOf, type View } from './view.ts';

export const SCENE_KINDS = ['loading-dock', 'gate', 'shop-floor'] as const;
export type SceneKind = (typeof SCENE_KINDS)[number];

/** A camera's place: what stands behind everybody, and who moves in front of it. */
export interface ScenePlan {
  readonly view: View;
  /** SVG, on the canvas of {@link View}. */
  readonly backdrop: string;
  readonly movers: readonly Mover[];
}

/** The plan of a seed: the same seed gives the same place and the same actors. */
export function planScene(kind: SceneKind, seed: number): ScenePlan {
  const random = new Random(seed);
  const view = chooseView(random.fork());
  switch (kind) {
    case 'loading-dock':
      return planDockScene(view, random);
    case 'gate':
      return planGateScene(view, random);
    case 'shop-floor':
      return planShopScene(view, random);
  }
}

function planDockScene(view: View, random: Random): ScenePlan {
  const dock = planDock(random.fork());
  const movers: Mover[] = [];
  const dress: Dress = { vest: 0.6, hardHat: 0.3 };
  for (const door of dock.doors) {
    if (!random.chance(0.45)) continue;
    const scale = dock.wallScale + random.range(0.04, 0.12);
    const spot = { x: columnOf(view, door, scale), scale };
    movers.push(
      parked(
        view,
        random.fork(),
        spot,
        random.pick(['truck', 'truck', 'van']),
        random.pick(['front', 'front', 'rear']),
      ),
    );
  }
  if (random.chance(0.5))
    movers.push(
      parked(
        view,
        random.fork(),
        spotIn(random, 1, 1.5),
        random.pick(['van', 'car', 'suv']),
        random.pick(['front', 'rear']),
      ),
    );
  else if (random.chance(0.35))
    movers.push(crossing(view, random.fork(), spotIn(random, 0.95, 1.25), random.pick(['van', 'truck', 'car'])));
  if (random.chance(0.5)) movers.push(forklift(view, random.fork(), spotIn(random, 1, 1.55)));
  addFreight(movers, view, random, random.int(1, 3), random.int(1, 3));
  addPeople(movers, view, random, random.int(2, 5), dress);
  return { view, backdrop: drawDock(view, dock, random.fork()), movers };
}

function planGateScene(view: View, random: Random): ScenePlan {
  const movers: Mover[] = [];
  const models = ['car', 'car', 'car', 'suv', 'suv', 'van', 'truck'] as const;
  for (const [lane, end] of [
    [-190, 'front'],
    [190, 'rear'],
  ] as const)
    for (let i = random.int(1, 2); i > 0; i--)
      movers.push(driving(view, random.fork(), lane, random.pick(models), end));
  if (random.chance(0.45)) {
    const scale = random.range(0.8, 1.5);
    const x = columnOf(view, random.pick([-190, 190]), scale);
    movers.push(parked(view, random.fork(), { x, scale }, random.pick(models), random.pick(['front', 'rear'])));
  }
  if (random.chance(0.5)) {
    const scale = random.range(0.75, 1.2);
    const spot = { x: columnOf(view, random.pick([-1, 1]) * random.range(560, 800), scale), scale };
    if (random.chance(0.5)) movers.push(parkedSideways(view, random.fork(), spot, random.pick(['car', 'suv', 'van'])));
    else
      movers.push(
        parked(view, random.fork(), spot, random.pick(['car', 'suv', 'van']), random.pick(['front', 'rear'])),
      );
  }
  if (random.chance(0.2))
    movers.push(crossing(view, random.fork(), spotIn(random, 0.8, 1), random.pick(['car', 'suv', 'van'])));
  addFreight(movers, view, random, 0, random.int(0, 2));
  addPeople(movers, view, random, random.int(2, 5), { vest: 0.3, hardHat: 0.12 });
  return { view, backdrop: drawGate(view, random.fork()), movers };
}

function planShopScene(view: View, random: Random): ScenePlan {
  const wallScale = random.range(0.62, 0.8);
  const movers: Mover[] = [];
  const dress: Dress = { vest: 0.4, hardHat: 0.45 };
  if (random.chance(0.65)) {
    const from = random.range(-100, 500);
    movers.push(conveyor(view, random.fork(), random.range(0.95, 1.5), from, from + random.range(500, 1000)));
  }
  if (random.chance(0.5)) movers.push(forklift(view, random.fork(), spotIn(random, 0.95, 1.6)));
  if (random.chance(0.3))
    movers.push(
      parked(
        view,
        random.fork(),
        spotIn(random, 0.85, 1.1),
        random.pick(['van', 'car']),
        random.pick(['front', 'rear']),
      ),
    );
  addFreight(movers, view, random, random.int(0, 2), random.int(0, 2));
  addPeople(movers, view, random, random.int(3, 6), dress);
  return { view, backdrop: drawShop(view, wallScale, random.fork()), movers };
}

function addPeople(movers: Mover[], view: View, random: Random, count: number, dress: Dress): void {
  const kinds = [standing, walking, walking, approaching] as const;
  for (let i = 0; i < count; i++) {
    const spot = { x: spread(random, i, count), scale: 0.9 + 1.2 * random.next() ** 1.6 };
    movers.push(random.pick(kinds)(view, random.fork(), spot, dress));
  }
}

function addFreight(movers: Mover[], view: View, random: Random, pallets: number, parcels: number): void {
  for (let i = 0; i < pallets; i++) movers.push(pallet(view, random.fork(), spotIn(random, 0.85, 1.7)));
  for (let i = 0; i < parcels; i++) movers.push(onFloor(view, random.fork(), spotIn(random, 0.85, 1.9)));
}

/** Columns shared out evenly, with some play, so that people do not all stand behind each other. */
function spread(random: Random, i: number, count: number): number {
  return ((i + random.range(0.1, 0.9)) / count) * 1280;
}

function spotIn(random: Random, low: number, high: number): Spot {
  return { x: random.range(60, 1220), scale: random.range(low, high) };
}

import { Random } from './random.ts';
import { photograph, rasterise } from './render.ts';
import { scaleTruth } from './scale-truth.ts';
import { planScene, type SceneKind } from './scene-plan.ts';
import type { SceneTruth } from './scene-truth.ts';
import { chooseSensor } from './sensor.ts';
import { stage } from './stage.ts';

export interface SceneOptions {
  readonly kind: SceneKind;
  readonly seed: number;
  /** Pixels; 1280 x 720 unless told. The picture's proportions stretch to fit. */
  readonly width?: number;
  readonly height?: number;
  /**
   * Leaves mostly hidden faces and plates as they are, listed with their low `visible`, in place of turning them away.
   * For training; off unless told.
   */
  readonly keepHidden?: boolean;
}

export interface Scene {
  readonly jpeg: Buffer;
  readonly truth: SceneTruth;
}

/**
 * One still scene. The same options give the same truth everywhere, and the same bytes wherever the same libraries draw
 * and compress. Every face and plate in the truth is at least 26 x 26 and 44 x 15 pixels large at 1280 x 720 before
 * anything hides a part of it; nobody and nothing else hides more than 3 % of it, only its owner's hat, hair or load may
 * (unless `keepHidden`).
 */
export async function generateScene(options: SceneOptions): Promise<Scene> {
  const { kind, seed, width = 1280, height = 720 } = options;
  const plan = planScene(kind, seed);
  const random = new Random(seed ^ 0x5ca1ab1e);
  const sensor = chooseSensor(random);
  const moment = random.next();
  const { svg, truth } = stage(
    plan.view,
    plan.movers.map((mover) => mover(moment)),
    { hideUnrecognisable: options.keepHidden !== true },
  );
  const pixels = await rasterise(plan.view, plan.backdrop + svg, { width, height });
  return { jpeg: await photograph(pixels, sensor, random), truth: scaleTruth(truth, { width, height }) };
}

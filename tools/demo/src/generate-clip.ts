import type { Scene, SceneOptions } from './generate-scene.ts';
import { Random } from './random.ts';
import { photograph, rasterise } from './render.ts';
import { scaleTruth } from './scale-truth.ts';
import { planScene } from './scene-plan.ts';
import { chooseSensor } from './sensor.ts';
import { stage } from './stage.ts';

export interface ClipOptions extends Omit<SceneOptions, 'keepHidden'> {
  /** Frames in one loop. About 200 at 5 frames a second make people walk at an easy pace. */
  readonly frameCount: number;
}

/**
 * One loop of a fixed camera: the same backdrop in each frame, actors who move on smoothly, and after the last frame the
 * first follows. Frames are drawn as they are pulled. Whoever passes behind something is listed with a low `visible`.
 */
export async function* generateClip(options: ClipOptions): AsyncGenerator<Scene, void, undefined> {
  const { kind, seed, frameCount, width = 1280, height = 720 } = options;
  const plan = planScene(kind, seed);
  const random = new Random(seed ^ 0x5ca1ab1e);
  const sensor = chooseSensor(random);
  for (let frame = 0; frame < frameCount; frame++) {
    const actors = plan.movers.map((mover) => mover(frame / frameCount));
    const { svg, truth } = stage(plan.view, actors, { hideUnrecognisable: false });
    const pixels = await rasterise(plan.view, plan.backdrop + svg, { width, height });
    yield { jpeg: await photograph(pixels, sensor, random.fork()), truth: scaleTruth(truth, { width, height }) };
  }
}

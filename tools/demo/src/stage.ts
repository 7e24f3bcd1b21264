import type { Actor } from './actor.ts';
import type { Drawing } from './pen.ts';
import type { SceneTruth } from './scene-truth.ts';
import { seenObjects } from './truth.ts';
import type { View } from './view.ts';

// A face or a plate of which others, or the frame's edge, hide more is turned away or taken off, so that what is labelled can
// be recognised.
const LEAST_OPEN = { face: 0.97, plate: 0.995 } as const;
// The same of one that its owner's hat, hair or load hides.
const RECOGNISABLE = 0.75;
// What is left of an object below this is not worth a label.
const LEAST_VISIBLE = 0.12;
const LEAST_SIDE = 7;

export interface Staged {
  /** SVG of all actors, far to near. */
  readonly svg: string;
  readonly truth: SceneTruth;
}

/**
 * Puts the actors of one moment on the canvas. With `hideUnrecognisable`, whoever's face (or whatever's plate) would be
 * mostly hidden is drawn without it; without, it stays as it is and is listed with its low `visible`.
 */
export function stage(view: View, actors: readonly Actor[], options: { readonly hideUnrecognisable: boolean }): Staged {
  const ordered = [...actors].sort((a, b) => a.depth - b.depth);
  const drawings: Drawing[] = ordered.map((actor) => actor.draw(true));
  let seen = seenObjects(drawings, view.width, view.height);
  for (let pass = 0; options.hideUnrecognisable && pass < 4; pass++) {
    const hidden = new Set<number>();
    drawings.forEach((drawing, index) => {
      // An object that is wholly covered is not in the list, and needs no change.
      for (const label of ['face', 'plate'] as const)
        if (drawing.objects.includes(label))
          for (const object of seen)
            if (
              object.drawing === index &&
              object.label === label &&
              (object.open < LEAST_OPEN[label] || object.visible < RECOGNISABLE)
            )
              hidden.add(index);
    });
    if (hidden.size === 0) break;
    for (const index of hidden) {
      const redrawn = ordered[index]?.draw(false);
      if (redrawn) drawings[index] = redrawn;
    }
    seen = seenObjects(drawings, view.width, view.height);
  }
  const objects = seen
    .filter(({ box, visible }) => visible >= LEAST_VISIBLE && box[2] >= LEAST_SIDE && box[3] >= LEAST_SIDE)
    .map(({ label, box, visible }) => ({ label, box, visible }));
  return { svg: drawings.map(({ svg }) => svg).join(''), truth: { width: view.width, height: view.height, objects } };
}

import type { Drawing } from './pen.ts';

/** Something that stands on the floor at one moment. */
export interface Actor {
  /** The picture row of its foot: what is lower in the picture is nearer and is drawn later. */
  readonly depth: number;
  /**
   * Draws it. With `revealed` false a face is turned away and a plate left off: so is drawn what would be too small or too
   * hidden to be recognised, and then nothing of it is labelled.
   */
  draw(revealed: boolean): Drawing;
}

/** An actor over time: `t` from 0 to 1 is one loop of the clip, and `t` = 1 looks as `t` = 0. */
export type Mover = (t: number) => Actor;

/** Pixels per centimetre from which a face and a plate are large enough to be told. */
export const FACE_SCALE = 1;
export const PLATE_SCALE = 0.76;

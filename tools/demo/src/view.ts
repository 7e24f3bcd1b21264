import type { Random } from './random.ts';

/** A fixed camera over a flat floor: what stands on the floor at picture row `y` is `scaleAt(y)` pixels per centimetre large. */
export interface View {
  readonly width: number;
  readonly height: number;
  readonly horizon: number;
  /** In centimetres. */
  readonly cameraHeight: number;
  readonly vanishX: number;
}

/** All scenes are laid out on this canvas and scaled to the wanted size when drawn. */
export const CANVAS = { width: 1280, height: 720 } as const;

export function chooseView(random: Random): View {
  return {
    ...CANVAS,
    horizon: random.range(105, 180),
    cameraHeight: random.range(265, 345),
    vanishX: random.range(480, 800),
  };
}

export function scaleAt(view: View, y: number): number {
  return (y - view.horizon) / view.cameraHeight;
}

export function rowOf(view: View, scale: number): number {
  return view.horizon + scale * view.cameraHeight;
}

/** The picture column of what stands `offset` centimetres to the right of the vanishing line, at a scale. */
export function columnOf(view: View, offset: number, scale: number): number {
  return view.vanishX + offset * scale;
}

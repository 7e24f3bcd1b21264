/** The classes of the demo, in the order of the bundled detector's outputs. */
export const LABELS = ['person', 'face', 'plate', 'vehicle', 'parcel'] as const;
export type Label = (typeof LABELS)[number];

export interface TrueObject {
  readonly label: Label;
  /** What can be seen of the object, `[x, y, width, height]` in pixels, inside the frame. */
  readonly box: readonly [x: number, y: number, width: number, height: number];
  /** The share of the object's own area that neither the frame's edge nor something nearer hides, 0 to 1. */
  readonly visible: number;
}

export interface SceneTruth {
  readonly width: number;
  readonly height: number;
  readonly objects: readonly TrueObject[];
}

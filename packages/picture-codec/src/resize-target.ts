/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Whole pixels of a picture. */
export interface PixelArea extends Size {
  readonly left: number;
  readonly top: number;
}

/** A size that a picture is brought to, its ratio of sides kept or not. */
export interface ResizeTarget extends Size {
  /** The part of the result that is wanted, which must lie inside it; all of it when not given. */
  readonly part?: PixelArea | undefined;
}

/** What is wanted of the result. */
export function wantedPart({ width, height, part }: ResizeTarget): PixelArea {
  return part ?? { left: 0, top: 0, width, height };
}

/** Whether an area is of whole pixels, at least one, inside a picture. */
export function isInside({ left, top, width, height }: PixelArea, picture: Size): boolean {
  return (
    [left, top, width, height].every(Number.isInteger) &&
    left >= 0 &&
    top >= 0 &&
    width > 0 &&
    height > 0 &&
    left + width <= picture.width &&
    top + height <= picture.height
  );
}

import type { Box } from '@edgeveil/contracts';

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Box of a centre and a size; decoders give those. Infinite sizes are allowed: {@link clipBox} cuts them. */
export function boxAround(centreX: number, centreY: number, width: number, height: number): Box {
  return [centreX - width / 2, centreY - height / 2, width, height];
}

/** Box between two corners. */
export function boxBetween(left: number, top: number, right: number, bottom: number): Box {
  return [left, top, right - left, bottom - top];
}

export function boxArea(box: Box): number {
  return box[2] * box[3];
}

/** Area that both boxes cover; 0 when they only touch. */
export function intersectionArea(a: Box, b: Box): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Intersection over union, 0 to 1. Two empty boxes have 0. */
export function iou(a: Box, b: Box): number {
  const common = intersectionArea(a, b);
  return common === 0 ? 0 : common / (boxArea(a) + boxArea(b) - common);
}

/** The part of the box that lies inside `0, 0, width, height`; a box outside gets no area. */
export function clipBox(box: Box, size: Size): Box {
  const left = clamp(box[0], size.width);
  const top = clamp(box[1], size.height);
  const right = clamp(edge(box[0], box[2]), size.width);
  const bottom = clamp(edge(box[1], box[3]), size.height);
  return [left, top, Math.max(0, right - left), Math.max(0, bottom - top)];
}

/**
 * Grows a box on each side by `share` of its width or height, at least by `minPixels`, and cuts it to the picture.
 * Unlike the input, the result has whole pixels and covers every pixel that the grown box touches.
 */
export function expandBox(box: Box, margin: { readonly share: number; readonly minPixels: number }, size: Size): Box {
  const growX = Math.max(box[2] * margin.share, margin.minPixels);
  const growY = Math.max(box[3] * margin.share, margin.minPixels);
  const left = clamp(Math.floor(box[0] - growX), size.width);
  const top = clamp(Math.floor(box[1] - growY), size.height);
  const right = clamp(Math.ceil(box[0] + box[2] + growX), size.width);
  const bottom = clamp(Math.ceil(box[1] + box[3] + growY), size.height);
  return [left, top, Math.max(0, right - left), Math.max(0, bottom - top)];
}

/** Multiplies position and size, as between a picture and its shrunk copy. */
export function scaleBox(box: Box, scaleX: number, scaleY: number): Box {
  return [box[0] * scaleX, box[1] * scaleY, box[2] * scaleX, box[3] * scaleY];
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(value, 0), max);
}

// -Infinity + Infinity is NaN: a box of infinite size reaches to the far edge.
function edge(start: number, length: number): number {
  return length === Number.POSITIVE_INFINITY ? length : start + length;
}

import type { SceneTruth } from './scene-truth.ts';

/** The truth of the same picture at another size. */
export function scaleTruth(truth: SceneTruth, size: { readonly width: number; readonly height: number }): SceneTruth {
  if (size.width === truth.width && size.height === truth.height) return truth;
  const [sx, sy] = [size.width / truth.width, size.height / truth.height];
  return {
    width: size.width,
    height: size.height,
    objects: truth.objects.map(({ label, box: [x, y, w, h], visible }) => ({
      label,
      box: [x * sx, y * sy, w * sx, h * sy],
      visible,
    })),
  };
}

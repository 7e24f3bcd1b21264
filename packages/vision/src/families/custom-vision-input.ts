import type { ModelFacts } from '../recognition/model-facts.ts';
import type { InputRule } from './input-rules.ts';

/**
 * What a model exported from Custom Vision says of its pixels: `Image.BitmapPixelFormat` (Bgr8, Rgb8) and
 * `Image.NominalPixelRange` (NominalRange_0_255, Normalized_0_1). Where it does not say: RGB, 0 to 255, as its samples feed it.
 */
export function customVisionInput(facts: ModelFacts): { readonly input: InputRule; readonly reasons: string[] } {
  const format = facts.metadata['Image.BitmapPixelFormat'];
  const range = facts.metadata['Image.NominalPixelRange'];
  const isUnit = range?.endsWith('0_1') === true || /normalized/i.test(range ?? '');
  return {
    input: {
      channels: /^bgr/i.test(format ?? '') ? 'bgr' : 'rgb',
      scale: isUnit ? 1 / 255 : 1,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      resize: 'stretch',
      anchor: 'centre',
      pad: 0,
    },
    reasons: [
      ...(format === undefined ? [] : [`Image.BitmapPixelFormat is ${format}`]),
      ...(range === undefined ? [] : [`Image.NominalPixelRange is ${range}`]),
    ],
  };
}

import type { ModelPackage } from '@edgeveil/vision';

/** Pictures of random pixels, the same at each call: an empty one hides much of what can be wrong. */
export function noisePictures(count: number, { width, height }: ModelPackage['input']): Uint8Array[] {
  let state = 1;
  return Array.from({ length: count }, () =>
    new Uint8Array(3 * width * height).map(() => {
      // Numerical Recipes' linear congruential generator; its upper byte is the pixel.
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    }),
  );
}

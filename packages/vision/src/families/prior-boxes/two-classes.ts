import type { Rows } from '../../decoders/picture-outputs.ts';

/**
 * Probability of the second of two classes, the first being the background. Exporters leave the softmax out or not; values
 * beyond 0 to 1 show that it is still to be done.
 */
export function foregroundOf({ data, at }: Rows): (row: number) => number {
  const isFinal = data.every((value) => value >= 0 && value <= 1);
  return isFinal ? (row) => at(row, 1) : (row) => 1 / (1 + Math.exp(at(row, 0) - at(row, 1)));
}

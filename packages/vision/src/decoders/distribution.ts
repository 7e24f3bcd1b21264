/** Expectation of a distribution over 0 to `bins - 1` whose logits are given: the distance of a side in distribution focal loss. */
export function expectedDistance(logit: (bin: number) => number, bins: number): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (let bin = 0; bin < bins; bin += 1) {
    highest = Math.max(highest, logit(bin));
  }
  let sum = 0;
  let weighted = 0;
  for (let bin = 0; bin < bins; bin += 1) {
    const weight = Math.exp(logit(bin) - highest);
    sum += weight;
    weighted += weight * bin;
  }
  return weighted / sum;
}

export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

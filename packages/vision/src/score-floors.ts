/** Scores from which a detection counts: one for all labels, and others for single labels. */
export interface ScoreThresholds {
  readonly score: number;
  readonly perLabel?: Readonly<Record<string, number>>;
}

/** The thresholds as a decoder uses them: by index of the label. */
export interface ScoreFloors {
  readonly floor: Float32Array;
  /**
   * 1 for labels that have a threshold of their own. Those are reported even where another label scores higher in the
   * same cell: what an operator made more sensitive must not be hidden by a neighbour class.
   */
  readonly own: Uint8Array;
  /** The lowest of all floors: a cell whose objectness is below it needs no look at its classes. */
  readonly lowest: number;
  /** The floor of labels without one of their own. */
  readonly common: number;
}

export function scoreFloors(labels: readonly string[], thresholds: ScoreThresholds): ScoreFloors {
  const floor = new Float32Array(labels.length).fill(thresholds.score);
  const own = new Uint8Array(labels.length);
  labels.forEach((label, index) => {
    const value = thresholds.perLabel?.[label];
    if (value !== undefined) {
      floor[index] = value;
      own[index] = 1;
    }
  });
  return {
    floor,
    own,
    lowest: floor.reduce((least, each) => Math.min(least, each), thresholds.score),
    common: thresholds.score,
  };
}

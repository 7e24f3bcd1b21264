import type { Size } from '../boxes.ts';
import type { ScoreFloors } from '../score-floors.ts';

/** What a decoder needs to know beside the outputs. */
export interface DecoderContext {
  readonly input: Size;
  readonly labels: readonly string[];
  readonly floors: ScoreFloors;
}

import { collect } from '../option-values.ts';

/** Arguments of commander's `option` for what looks at crops, and at tiles. */
export const THEN_OPTION = [
  '--then <model[:labels]>',
  'another model, which looks at crops of what is found: of all, or of these labels; may be given several times',
  collect,
] as const;

export const TILES_OPTION = [
  '--tiles <tiles>',
  'look at overlapping tiles too, for what is small: ROWSxCOLUMNS, the side of a tile in pixels, or auto',
] as const;

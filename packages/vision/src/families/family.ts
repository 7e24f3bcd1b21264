import type { Size } from '../boxes.ts';
import type { Candidate } from '../decoders/candidate.ts';
import type { DecoderContext } from '../decoders/decoder-context.ts';
import type { PictureOutputs } from '../decoders/picture-outputs.ts';
import type { ModelTask } from '../model-package.ts';
import type { ModelFacts } from '../recognition/model-facts.ts';
import type { InputRule } from './input-rules.ts';

/** How sure a family is of a model. `fixed`: names or metadata that nobody else has. `shapes`: shapes that hardly fit anything else. `guess`: it may be another family's. */
export type Certainty = 'fixed' | 'shapes' | 'guess';

/** What a family says about a model that is one of its own. */
export interface Recognition {
  readonly certainty: Certainty;
  /** Why, in words, each a fact that the reader can check in the file. */
  readonly reasons: readonly string[];
  /** Classes that the outputs tell apart; `undefined` where the shapes do not show it. */
  readonly labelCount: number | undefined;
  /** Names of the classes where the family has its own. */
  readonly labels?: readonly string[];
  readonly input: InputRule;
  /** For a model that takes pictures of any size. */
  readonly size?: Size;
  readonly thresholds: { readonly score: number; readonly nms: number };
  /** What had to be assumed, and how to say otherwise. */
  readonly assumed?: readonly string[];
  /** Outputs without a batch dimension: one picture a run. */
  readonly isSingle?: boolean;
  /** Outputs that the decoder reads; all when not given. */
  readonly outputs?: readonly string[];
}

/** One kind of model: how it is told from others, and what its outputs mean. */
export interface Family {
  /** The name in `model.json`; stable. */
  readonly decoder: string;
  /** For people. */
  readonly title: string;
  readonly task: ModelTask;
  /** `undefined` when the model is none of this family. */
  recognise(facts: ModelFacts): Recognition | undefined;
  /** Candidates of one picture, in input pixels. ConfigError MODEL_OUTPUT_SHAPE when the outputs are not the family's. */
  decode(outputs: PictureOutputs, context: DecoderContext): Candidate[];
  /** Features of the picture, for families that have them. */
  embed?(outputs: PictureOutputs, context: DecoderContext): Float32Array | undefined;
}

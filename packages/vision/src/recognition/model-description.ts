import type { Outputs } from '../decoders/output-tensor.ts';
import type { ModelIo } from '../model-io.ts';

/** Everything about a model that recognition may look at. */
export interface ModelDescription extends ModelIo {
  /** `metadata_props` of the file. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** How often each operator is used. */
  readonly operators?: Readonly<Record<string, number>>;
  /** Shapes of the weights. */
  readonly weights?: readonly (readonly number[])[];
  /** Names of classes that operators of the graph carry. */
  readonly graphLabels?: readonly string[];
  /** Lists of labels that lie beside the file. */
  readonly labelFiles?: readonly LabelFile[];
  /** What a run on an empty picture gave: real shapes where the declared ones are open, and numbers that tell raw from decoded. */
  readonly sample?: Outputs;
}

export interface LabelFile {
  readonly name: string;
  readonly labels: readonly string[];
}

import type { Size } from '../boxes.ts';
import { floatOutputs } from '../decoders/output-tensor.ts';
import { pictureOutputs } from '../decoders/picture-outputs.ts';
import type { IoMetadata } from '../model-io.ts';
import { findImageInput, type ImageInput } from './image-input.ts';
import { readNames } from './label-sources.ts';
import type { LabelFile, ModelDescription } from './model-description.ts';

/** A model as families look at it. */
export interface ModelFacts {
  readonly fileName: string;
  readonly image: ImageInput;
  readonly others: readonly IoMetadata[];
  /** The input's size, or the one that is used where it is open. */
  readonly size: Size;
  /** Tensors only. */
  readonly outputs: readonly OutputFacts[];
  /** Outputs that are left out, each with the reason. */
  readonly skipped: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Labels that the file itself names. */
  readonly names: readonly string[] | undefined;
  readonly labelFiles: readonly LabelFile[];
  readonly operators: Readonly<Record<string, number>>;
  readonly weights: readonly (readonly number[])[];
  /** Names of classes that operators of the graph carry. */
  readonly graphLabels: readonly string[];
}

/** One output of one picture. */
export interface OutputFacts {
  readonly name: string;
  readonly type: string;
  /** Without batch dimension; `undefined` for a dimension that is open and was not seen. */
  readonly dims: readonly (number | undefined)[];
  readonly hasBatch: boolean;
  /** Whether it is declared for one picture, or has no batch dimension. */
  readonly isForOne: boolean;
  /** Operators that compute it. */
  readonly madeBy: readonly string[];
  /** What an empty picture gives. */
  readonly sample: Float32Array | undefined;
}

/** ConfigError MODEL_INPUT_UNKNOWN when no input takes a picture. */
export function modelFacts(description: ModelDescription, fileName: string, size: Size): ModelFacts {
  const { image, others } = findImageInput(description);
  const metadata = description.metadata ?? {};
  const skipped: string[] = [];
  const outputs = description.outputs.flatMap((output) => {
    const reason = whyUnusable(output);
    if (reason !== undefined) {
      skipped.push(`output ${output.name}: ${reason}`);
      return [];
    }
    return [outputFacts(output, description, image)];
  });
  return {
    fileName,
    image,
    others,
    size: { width: image.width ?? size.width, height: image.height ?? size.height },
    outputs,
    skipped,
    metadata,
    names: readNames(metadata) ?? (description.graphLabels?.length ? description.graphLabels : undefined),
    labelFiles: description.labelFiles ?? [],
    operators: description.operators ?? {},
    weights: description.weights ?? [],
    graphLabels: description.graphLabels ?? [],
  };
}

/** Why an output cannot be decoded; `undefined` when it can. onnxruntime-node fails when such an output is asked for. */
export function whyUnusable({ isTensor, kind }: IoMetadata): string | undefined {
  if (!isTensor) {
    return `a ${kind === undefined || kind === 'unknown' ? 'sequence or map' : kind} is not a tensor, and the runtime cannot give it`;
  }
  return undefined;
}

function outputFacts(output: IoMetadata, { sample }: ModelDescription, image: ImageInput): OutputFacts {
  const { name, type = 'float32', shape, madeBy = [] } = output;
  const seen = sample?.[name];
  const dims = (seen?.dims ?? shape ?? []).map((dim) => (typeof dim === 'number' ? dim : undefined));
  const hasBatch = isBatched(shape, seen?.dims, image);
  const [floats] = seen === undefined ? [] : floatOutputs({ [name]: seen });
  const [own] =
    floats === undefined || floats.texts !== undefined
      ? []
      : pictureOutputs([floats], { batch: hasBatch ? (floats.dims[0] ?? 1) : 1, index: 0 });
  return {
    name,
    type,
    dims: hasBatch ? dims.slice(1) : dims,
    hasBatch,
    isForOne: !hasBatch || shape?.[0] === 1,
    madeBy,
    sample: own?.data,
  };
}

/** Whether the first dimension of an output counts pictures. */
function isBatched(
  shape: readonly (number | string)[] | undefined,
  seen: readonly number[] | undefined,
  image: ImageInput,
): boolean {
  const first = shape?.[0];
  const rank = seen?.length ?? shape?.length ?? 0;
  if (first === 1 || (typeof first === 'number' && first === image.batch)) {
    return true;
  }
  if (typeof first === 'number') {
    return false;
  }
  if (first !== undefined && first !== '' && first === image.batch) {
    return true;
  }
  // An open dimension of another name: of a table of three dimensions it is the batch, of two it may be the rows.
  const last = seen?.at(-1) ?? shape?.at(-1);
  const isOne = seen === undefined || seen[0] === 1;
  return isOne && image.batch !== undefined && (rank >= 3 || (rank === 2 && typeof last === 'number' && last > 7));
}

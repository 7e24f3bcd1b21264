import { buildOnnx, type ElementType, node, type OnnxModel, tensor, value } from '@edgeveil/onnx-graph';

type CaseType = 'float32' | 'int64' | 'int32';

/** Numbers that an output always gives. */
interface ConstantOutput {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type?: CaseType;
  readonly values: Float32Array;
}

/** A model that gives the same numbers for every picture. */
export interface ConstantCase {
  readonly input: { readonly name?: string; readonly dims: readonly number[]; readonly type?: 'float32' | 'uint8' };
  readonly others?: readonly {
    readonly name: string;
    readonly type: 'float32' | 'int64';
    readonly dims: readonly number[];
  }[];
  readonly outputs: readonly ConstantOutput[];
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface ConstantModelOptions {
  readonly inputDims?: readonly (number | string)[];
  readonly inputType?: ElementType;
  /** Input and outputs in half precision. */
  readonly isHalf?: boolean;
  /** Declares all dimensions of outputs but the last as open. */
  readonly areOutputsOpen?: boolean;
  /** Adds an output that is a sequence. */
  readonly hasSequence?: boolean;
}

const CODES = { float32: 1, int32: 6, int64: 7, float16: 10 } as const;

/** A graph that gives the outputs of a case for every picture. */
export function constantModel(each: ConstantCase, options: ConstantModelOptions = {}): OnnxModel {
  const { isHalf = false, hasSequence = false } = options;
  const name = each.input.name ?? 'x';
  const inputType = options.inputType ?? (isHalf ? 'float16' : (each.input.type ?? 'float32'));
  const typeOf = ({ type = 'float32' }: ConstantOutput) => (isHalf && type === 'float32' ? 'float16' : type);
  const model = buildOnnx({
    inputs: [
      value(name, inputType, options.inputDims ?? each.input.dims),
      ...(each.others ?? []).map((other) => value(other.name, other.type, other.dims)),
    ],
    outputs: each.outputs.map((output) =>
      value(
        output.name,
        typeOf(output),
        options.areOutputsOpen === true
          ? output.dims.map((dim, axis) => (axis === output.dims.length - 1 ? dim : `d${axis}`))
          : output.dims,
      ),
    ),
    initialisers: each.outputs.map((output, index) => tensor(`values${index}`, output.dims, output.values)),
    nodes: [
      ...each.outputs.map((output, index) =>
        node('Cast', [`values${index}`], output.name, { to: CODES[typeOf(output)] }),
      ),
      ...(hasSequence ? [node('SequenceConstruct', [name], 'loss')] : []),
    ],
    metadata: each.metadata ?? {},
  });
  if (hasSequence) {
    model.graph?.output?.push({
      name: 'loss',
      type: { sequenceType: { elemType: value('', inputType, []).type ?? {} } },
    });
  }
  return model;
}

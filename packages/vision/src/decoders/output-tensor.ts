import { ConfigError } from '@edgeveil/contracts';

/** One output of a run, as the runtime gives it. */
export interface OutputTensor {
  readonly dims: readonly number[];
  /** A typed array; `Uint16Array` holds float16 unless `type` says uint16. */
  readonly data: unknown;
  readonly type?: string;
}
export type Outputs = Readonly<Record<string, OutputTensor>>;

/** An output as numbers that can be computed with. */
export interface FloatTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** Empty for texts. */
  readonly data: Float32Array;
  readonly texts?: readonly string[];
}

/** All outputs as float32; a Float32Array is taken as it is, others are copied. Texts stay texts. */
export function floatOutputs(outputs: Outputs): FloatTensor[] {
  return Object.entries(outputs).flatMap(([name, { dims, data, type }]) => {
    if (isTexts(data)) {
      return [{ name, dims, data: new Float32Array(0), texts: data }];
    }
    const numbers = toFloats(data, type);
    const length = dims.reduce((product, dim) => product * dim, 1);
    if (numbers === undefined) {
      return [];
    }
    if (numbers.length !== length) {
      throw new ConfigError('MODEL_OUTPUT_SHAPE', `model output ${name} has ${numbers.length} values`, {
        details: { expected: `${length} values of [${dims.join(',')}]`, found: `${numbers.length} values` },
      });
    }
    return [{ name, dims, data: numbers }];
  });
}

function toFloats(data: unknown, type: string | undefined): Float32Array | undefined {
  if (data instanceof Float32Array) {
    return data;
  }
  if (data instanceof Uint16Array && type !== 'uint16') {
    return Float32Array.from(data, halfToFloat);
  }
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return Float32Array.from(data, Number);
  }
  // Float16Array among them, where the engine has it.
  return ArrayBuffer.isView(data) && !(data instanceof DataView) ? Float32Array.from(data as Uint8Array) : undefined;
}

/** The number that 16 bits of IEEE 754 half precision mean. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) {
    return sign * fraction * 2 ** -24;
  }
  if (exponent === 31) {
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function isTexts(data: unknown): data is readonly string[] {
  return Array.isArray(data) && data.every((each) => typeof each === 'string');
}

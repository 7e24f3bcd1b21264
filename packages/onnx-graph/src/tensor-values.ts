import { RejectedError } from '@edgeveil/contracts';
import { elementTypeName } from './element-type.ts';
import type { OnnxTensor } from './onnx-model.ts';

/**
 * The numbers of a float32, uint8, int32 or int64 tensor, copied only where they are not aligned. RejectedError
 * ONNX_TENSOR_UNREADABLE for other types and for weights in another file.
 */
export function tensorValues(tensor: OnnxTensor): Float32Array | Uint8Array | Int32Array | BigInt64Array {
  const type = elementTypeName(tensor.dataType);
  const raw = tensor.rawData;
  if (tensor.dataLocation !== 1) {
    if (type === 'float32') {
      return new Float32Array(aligned(raw ?? joined(tensor.floatData)));
    }
    if (type === 'uint8' && raw !== undefined) {
      return raw;
    }
    if (type === 'int32' && raw !== undefined) {
      return new Int32Array(aligned(raw));
    }
    if (type === 'int64' && raw !== undefined) {
      return new BigInt64Array(aligned(raw));
    }
  }
  throw new RejectedError('ONNX_TENSOR_UNREADABLE', `the numbers of ${tensor.name ?? 'a tensor'} cannot be read here`, {
    details: { name: tensor.name, type, isExternal: tensor.dataLocation === 1 },
  });
}

function joined(chunks: readonly Uint8Array[] = []): Uint8Array {
  return Buffer.concat(chunks);
}

function aligned(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  return copy;
}

import { RejectedError } from '@edgeveil/contracts';
import { checkOnnx } from './check-onnx.ts';
import { decodeModel } from './decode-message.ts';
import type { OnnxModel } from './onnx-model.ts';

/**
 * Reads the bytes of an ONNX file. Weights stay where they are: tensors are views of `bytes`, which must not change.
 * RejectedError ONNX_NOT_A_MODEL for other files, ONNX_DAMAGED for one that is cut off or contradicts itself,
 * ONNX_SHAPE_TOO_LARGE for shapes that no machine holds.
 */
export function parseOnnx(bytes: Uint8Array): OnnxModel {
  const model = decodeOrReject(bytes);
  checkOnnx(model);
  return model;
}

function decodeOrReject(bytes: Uint8Array): OnnxModel {
  const other = otherFormatOf(bytes);
  if (other !== undefined) {
    throw new RejectedError('ONNX_NOT_A_MODEL', `not an ONNX model: ${other}`, { details: { found: other } });
  }
  try {
    return decodeModel(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (!beginsLikeModel(bytes)) {
      throw new RejectedError('ONNX_NOT_A_MODEL', 'not an ONNX model: its first bytes are none', {
        cause,
        details: { found: Buffer.from(bytes.subarray(0, 12)).toString('hex'), reason },
      });
    }
    const isCut = /out of range/.test(reason);
    const what = isCut
      ? `the ONNX model is cut off or damaged: its parts are longer than its ${bytes.length} bytes`
      : `the ONNX model is damaged: ${reason}`;
    throw new RejectedError('ONNX_DAMAGED', what, { cause, details: { bytes: bytes.length, reason } });
  }
}

/** Writers put the IR version first: tag 8 and a small number. */
function beginsLikeModel(bytes: Uint8Array): boolean {
  return bytes[0] === 0x08 && (bytes[1] ?? 0) > 0 && (bytes[1] ?? 0) < 100;
}

const OTHER_FORMATS: readonly (readonly [text: string, offset: number, what: string])[] = [
  ['version https://git-lfs', 0, 'a pointer of Git LFS; fetch the file itself with `git lfs pull`'],
  ['PK\u0003\u0004', 0, 'a ZIP archive, as PyTorch checkpoints and exports in a package are'],
  ['TFL3', 4, 'a TensorFlow Lite model; convert it with tf2onnx'],
  ['\u0089HDF', 0, 'an HDF5 file, as Keras models are; convert it with tf2onnx'],
  ['ORTM', 4, 'a model in the ORT format; the suite takes ONNX'],
  ['<', 0, 'a text in XML or HTML, as a failed download or an OpenVINO description is'],
  ['{', 0, 'a JSON text'],
];

function otherFormatOf(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) {
    return 'the file is empty';
  }
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  return OTHER_FORMATS.find(([text, offset]) => start.startsWith(text, offset))?.[2];
}

import { ConfigError } from '@edgeveil/contracts';
import { checkExternalData, describeOnnx, type OnnxDescription, parseOnnx } from '@edgeveil/onnx-graph';
import type { RecognisedModel } from '@edgeveil/vision';
import { descriptionFileOf, type LocatedModel, locateModel } from './locate-model.ts';
import { describeBareModel } from './session/describe-bare-model.ts';
import { runtime } from './session/onnx-runtime.ts';
import { dataFolder } from './session/provider-options.ts';
import { readModel } from './session/read-model.ts';
import { unloadable } from './session/unloadable.ts';

/** What a model file is found to be. */
export interface ModelInspection {
  readonly modelFile: string;
  /** Where its description stands, or would. */
  readonly descriptionFile: string;
  readonly bytes: number;
  readonly sha256: string;
  /** What the file says about itself. */
  readonly onnx: OnnxDescription;
  /** `undefined` when it cannot be told what the model is; `problem` says why. */
  readonly recognised: RecognisedModel | undefined;
  readonly problem: { readonly code: string; readonly message: string; readonly expected?: string } | undefined;
}

/**
 * Reads a model file, loads it on the CPU, runs it once on an empty picture and works out what it is; a description beside it
 * comes first. What the runtime cannot load, or nobody recognises, is told in `problem`.
 *
 * @throws ConfigError MODEL_NOT_FOUND, MODEL_UNREADABLE, MODEL_PACKAGE_INVALID; RejectedError ONNX_… for a file that is no
 * whole ONNX model
 */
export async function inspectModel(asked: string): Promise<ModelInspection> {
  const located = await locateModel(asked);
  const { modelFile } = located;
  const file = await readModel(modelFile, []);
  const onnx = describeOnnx(parseOnnx(file.bytes));
  await checkExternalData(modelFile, onnx);
  const found = await recognise(located, file);
  return {
    modelFile,
    descriptionFile: descriptionFileOf(modelFile),
    bytes: file.bytes.length,
    sha256: file.sha256,
    onnx,
    ...found,
  };
}

async function recognise(
  { modelFile, description, known = description }: LocatedModel,
  file: { readonly bytes: Uint8Array; readonly sha256: string },
): Promise<Pick<ModelInspection, 'recognised' | 'problem'>> {
  try {
    const session = await load(modelFile, file.bytes);
    try {
      return { recognised: await describeBareModel({ session, modelFile, file, known }), problem: undefined };
    } finally {
      await session.release();
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      throw error;
    }
    const { code, message, details } = error;
    const expected = typeof details.expected === 'string' ? { expected: details.expected } : {};
    return { recognised: undefined, problem: { code, message, ...expected } };
  }
}

async function load(modelFile: string, bytes: Uint8Array) {
  try {
    return await runtime().create(bytes, {
      executionProviders: ['cpu'],
      logSeverityLevel: 4,
      extra: { session: dataFolder(modelFile) },
    });
  } catch (cause) {
    throw unloadable(modelFile, cause);
  }
}

import { open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { RejectedError } from '@edgeveil/contracts';
import { describeOnnx, type OnnxDescription, parseOnnx } from '@edgeveil/onnx-graph';
import {
  defaultSize,
  findImageInput,
  type IoMetadata,
  type LabelFile,
  type ModelDescription,
  type ModelIo,
  type ModelJson,
  type Outputs,
  type RecognisedModel,
  readLabelLines,
  recogniseModel,
} from '@edgeveil/vision';
import { modelPorts, runModel, valuesFor } from './model-ports.ts';
import type { RuntimeSession } from './onnx-runtime.ts';
import type { ModelBytes } from './read-model.ts';
import { unloadable } from './unloadable.ts';

/** Sides that a model of free size is tried with, after the one that its metadata name: some take only what they were trained with. */
const SIDES = [640, 416, 320, 224, 512, 256] as const;
const MAX_LABEL_FILES = 20;
const MAX_LABEL_BYTES = 1024 ** 2;

/** A model that the runtime has loaded, and the file it came from. */
export interface LoadedModel {
  readonly session: Pick<RuntimeSession, 'inputMetadata' | 'outputMetadata' | 'run'>;
  readonly modelFile: string;
  readonly file: ModelBytes;
  /** What `model.json` says; the rest is worked out. */
  readonly known?: ModelJson | undefined;
}

/**
 * Works out what a loaded model is. It is run once on an empty picture, because shapes may be open and the numbers tell more
 * than shapes. ConfigError MODEL_INPUT_UNKNOWN, MODEL_OUTPUT_UNKNOWN, MODEL_UNLOADABLE when it cannot be run.
 */
export async function describeBareModel({ session, modelFile, file, known }: LoadedModel): Promise<RecognisedModel> {
  const onnx = describeBytes(file);
  const io = mergedIo({ inputs: session.inputMetadata, outputs: session.outputMetadata }, onnx);
  const description: ModelDescription = {
    ...io,
    metadata: onnx?.metadata ?? {},
    operators: onnx?.operators ?? {},
    weights: onnx?.initialisers.map(({ shape }) => shape) ?? [],
    graphLabels: onnx?.classLabels ?? [],
    labelFiles: await readLabelFiles(modelFile),
  };
  const { sample, size } = await runEmpty(session, io, description, { modelFile, known });
  return recogniseModel(
    { ...description, sample },
    { fileName: modelFile, sha256: file.sha256 },
    { size, ...(known === undefined ? {} : { known }) },
  );
}

/** `undefined` for bytes that the runtime reads and we do not: recognition then goes by what the runtime says. */
function describeBytes(file: ModelBytes): OnnxDescription | undefined {
  try {
    return describeOnnx(parseOnnx(file.bytes));
  } catch (error) {
    if (error instanceof RejectedError) {
      return undefined;
    }
    throw error;
  }
}

/** The runtime infers shapes that the file leaves out; the file knows what is no tensor, and which operators are near. */
function mergedIo(io: ModelIo, onnx: OnnxDescription | undefined): ModelIo {
  const merge = (values: readonly IoMetadata[], described: readonly IoMetadata[]): IoMetadata[] =>
    values.map((value) => {
      const own = described.find(({ name }) => name === value.name);
      return { ...own, ...value, shape: value.shape ?? own?.shape };
    });
  return { inputs: merge(io.inputs, onnx?.inputs ?? []), outputs: merge(io.outputs, onnx?.outputs ?? []) };
}

interface EmptyRun {
  readonly sample: Outputs;
  readonly size: { readonly width: number; readonly height: number };
}

async function runEmpty(
  session: LoadedModel['session'],
  io: ModelIo,
  { metadata }: ModelDescription,
  { modelFile, known }: Pick<LoadedModel, 'modelFile' | 'known'>,
): Promise<EmptyRun> {
  const { image } = findImageInput(io);
  const first = { ...defaultSize(metadata), ...knownSize(known) };
  const isFixed = image.width !== undefined && image.height !== undefined;
  const sizes = isFixed ? [first] : [first, ...SIDES.map((side) => ({ width: side, height: side }))];
  let failure: unknown;
  for (const size of sizes) {
    const input = {
      ...PLAIN_INPUT,
      ...image,
      batch: undefined,
      width: image.width ?? size.width,
      height: image.height ?? size.height,
    };
    const batch = typeof image.batch === 'number' && image.batch > 0 ? image.batch : 1;
    const ports = modelPorts(io, input);
    if (ports.fetches.length === 0) {
      return { sample: {}, size: input };
    }
    try {
      return { sample: await runModel(session, ports, valuesFor(input, batch), batch), size: input };
    } catch (error) {
      failure ??= error;
    }
  }
  throw unloadable(modelFile, failure);
}

const PLAIN_INPUT = {
  channels: 'rgb',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  resize: 'stretch',
  anchor: 'centre',
  pad: 0,
} as const;

function knownSize(known: ModelJson | undefined): { readonly width?: number; readonly height?: number } {
  const { width, height } = known?.input ?? {};
  return width === undefined || height === undefined ? {} : { width, height };
}

/** Lists of labels beside a model: `labels.txt`, `NAME.txt`, and whatever has "labels" or "classes" in its name. */
async function readLabelFiles(modelFile: string): Promise<LabelFile[]> {
  const dir = dirname(modelFile);
  const base = basename(modelFile)
    .replace(/\.onnx$/i, '')
    .toLowerCase();
  const names = await readdir(dir).catch(() => []);
  const rank = (name: string): number =>
    name.toLowerCase() === `${base}.txt` ? 0 : name.toLowerCase() === 'labels.txt' ? 1 : 2;
  const wanted = names
    .filter((name) => /\.(txt|names)$/i.test(name) && (rank(name) < 2 || /label|classes|names/i.test(name)))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MAX_LABEL_FILES);
  const files = await Promise.all(
    wanted.map(async (name) => ({ name, labels: readLabelLines(await readStart(join(dir, name))) })),
  );
  return files.filter(({ labels }) => labels.length > 0);
}

/** Empty for a file that cannot be read, or is too large to be a list of labels. */
async function readStart(file: string): Promise<string> {
  try {
    await using handle = await open(file);
    return (await handle.stat()).size > MAX_LABEL_BYTES ? '' : await handle.readFile('utf8');
  } catch {
    return '';
  }
}

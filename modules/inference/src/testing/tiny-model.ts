import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelPackage } from '@edgeveil/vision';
import { type Field, message } from './onnx-message.ts';

const SIDE = 64;
const CELLS = 64 + 16 + 4;

export interface TinyModelOptions {
  /** 1, another number, or a name for any number of pictures. */
  readonly batch?: number | string;
  /** Rounds of a loop inside the runtime that a white pixel in the picture costs; a black picture costs none. */
  readonly slowRounds?: number;
}

/**
 * A YOLOv8 head of 64x64 pixels that finds what is bright: each 8x8 block is a cell, and the scores of its three labels
 * are the mean of red, green and blue there. So tests know what must be found, down to the pixel.
 */
export function tinyModel({ batch = 'batch', slowRounds = 0 }: TinyModelOptions = {}): Uint8Array {
  // Cells of stride 8 keep their place among all cells; those of the other strides stay at 0.
  const places = new Float32Array(64 * CELLS);
  const boxes = new Float32Array(4 * CELLS);
  for (let cell = 0; cell < 64; cell += 1) {
    places[cell * CELLS + cell] = 1;
    [(cell % 8) * 8 + 4, Math.floor(cell / 8) * 8 + 4, 8, 8].forEach((value, row) => {
      boxes[row * CELLS + cell] = value;
    });
  }
  const graph = message(
    [1, node('AveragePool', ['images'], 'blocks', [ints('kernel_shape', [8, 8]), ints('strides', [8, 8])])],
    [1, node('Reshape', ['blocks', 'shape'], 'rows')],
    [1, node('MatMul', ['rows', 'places'], 'scores')],
    // The boxes once for every picture of the batch, however many there are.
    [1, node('ReduceMean', ['scores'], 'mean', [ints('axes', [1]), int('keepdims', 1)])],
    ...(slowRounds === 0 ? [] : slowNodes(slowRounds)),
    [1, node('Mul', [slowRounds === 0 ? 'mean' : 'late', 'nothing'], 'zeros')],
    [1, node('Add', ['zeros', 'boxes'], 'placed')],
    [1, node('Concat', ['placed', 'scores'], 'output0', [int('axis', 1)])],
    [2, 'tiny'],
    [5, tensor('shape', [3], 7, new BigInt64Array([0n, 3n, 64n]))],
    [5, tensor('places', [64, CELLS], 1, places)],
    [5, tensor('boxes', [1, 4, CELLS], 1, boxes)],
    [5, tensor('nothing', [1, 4, CELLS], 1, new Float32Array(4 * CELLS))],
    [11, valueInfo('images', [batch, 3, SIDE, SIDE])],
    [12, valueInfo('output0', [batch, 7, CELLS])],
  );
  return message([1, 6], [2, 'edgeveil tests'], [7, graph], [8, message([1, ''], [2, 11])]);
}

/** What `model.json` says about {@link tinyModel}, but for what is overridden. */
export function tinyPackage(model: Uint8Array, overrides: Partial<ModelPackage> = {}): ModelPackage {
  return {
    name: 'tiny',
    version: '1.0.0',
    tags: [],
    task: 'detection',
    sha256: createHash('sha256').update(model).digest('hex'),
    licence: 'MIT',
    input: {
      name: 'images',
      width: SIDE,
      height: SIDE,
      type: 'float32',
      layout: 'nchw',
      channels: 'rgb',
      scale: 1 / 255,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      resize: 'letterbox',
      anchor: 'centre',
      pad: 0,
    },
    decoder: 'yolov8',
    labels: ['red', 'green', 'blue'],
    thresholds: { score: 0.5, nms: 0.5, perLabel: {} },
    ...overrides,
  };
}

/** Writes `model.onnx` and `model.json` into a folder and returns it. */
export async function writeTinyPackage(
  dir: string,
  options: TinyModelOptions & { readonly overrides?: Partial<ModelPackage> } = {},
): Promise<string> {
  const model = tinyModel(options);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'model.onnx'), model);
  await writeFile(join(dir, 'model.json'), JSON.stringify(tinyPackage(model, options.overrides)));
  return dir;
}

/** `mean` becomes `late` after as many rounds of a loop as the brightest value says. */
function slowNodes(rounds: number): Field[] {
  const body = message(
    [1, node('Identity', ['going'], 'stillGoing')],
    [1, node('Identity', ['value'], 'nextValue')],
    [2, 'body'],
    [11, scalarInfo('round', 7)],
    [11, scalarInfo('going', 9)],
    [11, scalarInfo('value', 1, false)],
    [12, scalarInfo('stillGoing', 9)],
    [12, scalarInfo('nextValue', 1, false)],
  );
  return [
    [1, node('ReduceMax', ['images'], 'brightest', [int('keepdims', 0)])],
    [1, node('Mul', ['brightest', 'rounds'], 'wanted')],
    [1, node('Cast', ['wanted'], 'count', [int('to', 7)])],
    [1, node('Loop', ['count', '', 'mean'], 'late', [message([1, 'body'], [6, body], [20, 5])])],
    [5, tensor('rounds', [], 1, new Float32Array([rounds]))],
  ];
}

function scalarInfo(name: string, type: number, isScalar = true): Uint8Array {
  const shape: Field[] = isScalar ? [[2, message()]] : [];
  return message([1, name], [2, message([1, message([1, type], ...shape)])]);
}

// Field numbers of onnx.proto3; attribute types 2 and 7 are INT and INTS, element types 1 and 7 FLOAT and INT64.
function node(type: string, inputs: readonly string[], output: string, attributes: readonly Uint8Array[] = []) {
  return message(
    ...inputs.map((input): Field => [1, input]),
    [2, output],
    [4, type],
    ...attributes.map((attribute): Field => [5, attribute]),
  );
}

function int(name: string, value: number): Uint8Array {
  return message([1, name], [3, value], [20, 2]);
}

function ints(name: string, values: readonly number[]): Uint8Array {
  return message([1, name], [8, values], [20, 7]);
}

function tensor(name: string, dims: readonly number[], type: number, values: Float32Array | BigInt64Array): Uint8Array {
  return message([1, dims], [2, type], [8, name], [9, new Uint8Array(values.buffer)]);
}

function valueInfo(name: string, dims: readonly (number | string)[]): Uint8Array {
  const shape = message(...dims.map((dim): Field => [1, message(typeof dim === 'number' ? [1, dim] : [2, dim])]));
  return message([1, name], [2, message([1, message([1, 1], [2, shape])])]);
}

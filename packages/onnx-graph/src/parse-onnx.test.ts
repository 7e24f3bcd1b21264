import assert from 'node:assert/strict';
import { RejectedError } from '@edgeveil/contracts';
import { buildOnnx, node, tensor, value } from './build-onnx.ts';
import { describeOnnx } from './describe-onnx.ts';
import { encodeOnnx } from './encode-message.ts';
import type { OnnxModel } from './onnx-model.ts';
import { parseOnnx } from './parse-onnx.ts';

function smallModel(): OnnxModel {
  return buildOnnx({
    inputs: [value('x', 'float32', ['batch', 3, 8, 8])],
    outputs: [value('y', 'float32', ['batch', 3, 8, 8])],
    initialisers: [tensor('w', [3, 1, 1], new Float32Array([1, 2, 3]))],
    nodes: [node('Mul', ['x', 'w'], 'm'), node('Sigmoid', ['m'], 's'), node('Identity', ['s'], 'y')],
    metadata: { names: "{0: 'a'}" },
  });
}

function assertRejected(bytes: Uint8Array, code: string | RegExp): RejectedError {
  try {
    parseOnnx(bytes);
  } catch (error) {
    assert.ok(error instanceof RejectedError, `${String(error)} instead of ${String(code)}`);
    assert.match(error.code, new RegExp(code));
    return error;
  }
  return assert.fail(`taken instead of ${String(code)}`);
}

/** Random numbers that are the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe('parseOnnx', () => {
  it('reads back what was built', () => {
    const found = describeOnnx(parseOnnx(encodeOnnx(smallModel())));
    assert.deepEqual(found.opsets, { 'ai.onnx': 13 });
    assert.deepEqual(found.metadata, { names: "{0: 'a'}" });
    assert.deepEqual(found.operators, { Mul: 1, Sigmoid: 1, Identity: 1 });
    assert.deepEqual(found.initialisers, [{ name: 'w', type: 'float32', shape: [3, 1, 1] }]);
    assert.deepEqual(
      found.inputs.map(({ name, shape, goesTo }) => ({ name, shape, goesTo })),
      [{ name: 'x', shape: ['batch', 3, 8, 8], goesTo: ['Mul'] }],
    );
    // Through what only renames it.
    assert.deepEqual(found.outputs[0]?.madeBy, ['Sigmoid']);
  });

  it('leaves weights that old files list as inputs out of the inputs', () => {
    const model = smallModel();
    model.graph?.input?.push(value('w', 'float32', [3, 1, 1]));
    assert.deepEqual(
      describeOnnx(parseOnnx(encodeOnnx(model))).inputs.map(({ name }) => name),
      ['x'],
    );
  });

  it('carries along what it does not know, and numbers beyond 2^53', () => {
    const model = smallModel();
    // Field 99, a text: tag (99 << 3 | 2) as a varint.
    model.unknown = [new Uint8Array([0x9a, 0x06, 2, 0x68, 0x69])];
    model.graph?.node?.[0]?.attribute?.push({ name: 'ends', i: 9_223_372_036_854_775_807n, type: 2 });
    const again = parseOnnx(encodeOnnx(parseOnnx(encodeOnnx(model))));
    assert.deepEqual([...(again.unknown?.[0] ?? [])], [0x9a, 0x06, 2, 0x68, 0x69]);
    assert.equal(again.graph?.node?.[0]?.attribute?.[0]?.i, 9_223_372_036_854_775_807n);
  });

  it('says what a file is that is no model', () => {
    const files: Readonly<Record<string, Uint8Array>> = {
      empty: new Uint8Array(0),
      'Git LFS': Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\n'),
      ZIP: Buffer.from('PK\u0003\u0004rest'),
      'TensorFlow Lite': Buffer.from('    TFL3    '),
      'first bytes': Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    };
    for (const [word, bytes] of Object.entries(files)) {
      assert.match(assertRejected(bytes, 'ONNX_NOT_A_MODEL').message, new RegExp(word));
    }
  });

  it('refuses every piece of a model that is cut off', () => {
    const bytes = encodeOnnx(smallModel());
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = bytes.subarray(0, length);
      // What follows the operator sets, metadata alone, may be missing without a trace.
      const isWhole = describes(cut);
      if (!isWhole) {
        assertRejected(cut, 'ONNX_(NOT_A_MODEL|DAMAGED)');
      }
    }
    assert.equal(describes(bytes.subarray(0, bytes.length / 2)), false);
    assert.match(assertRejected(bytes.subarray(0, bytes.length / 2), 'ONNX_DAMAGED').message, /cut off/);
  });

  it('refuses random bytes', () => {
    const random = numbers(7);
    for (let file = 0; file < 200; file += 1) {
      const bytes = Uint8Array.from({ length: 500 }, () => random.next().value * 256);
      assertRejected(bytes, 'ONNX_(NOT_A_MODEL|DAMAGED)');
    }
  });

  it('reads a damaged file or says why not, and never fails otherwise', () => {
    const whole = encodeOnnx(smallModel());
    const random = numbers(11);
    let refused = 0;
    for (let file = 0; file < 2000; file += 1) {
      const bytes = whole.slice();
      for (let change = 0; change < 3; change += 1) {
        bytes[Math.floor(random.next().value * bytes.length)] = random.next().value * 256;
      }
      refused += describes(bytes) ? 0 : 1;
    }
    assert.ok(refused > 200, `${refused} refused`);
  });

  it('refuses weights that are not as long as they say', () => {
    const model = smallModel();
    for (const dims of [
      [3, 1, 2],
      [2 ** 31, 2 ** 31, 2 ** 31],
      [-3, 1, 1],
    ]) {
      const weights = model.graph?.initializer?.[0];
      assert.ok(weights !== undefined);
      weights.dims = dims;
      assert.match(assertRejected(encodeOnnx(model), 'ONNX_DAMAGED').message, /weights w/);
    }
  });

  it('refuses inputs and outputs of impossible sizes', () => {
    const model = smallModel();
    model.graph?.output?.push(value('huge', 'float32', [2 ** 20, 2 ** 20]));
    assert.match(assertRejected(encodeOnnx(model), 'ONNX_SHAPE_TOO_LARGE').message, /huge/);
    const negative = smallModel();
    negative.graph?.output?.push(value('minus', 'float32', [-1, 4]));
    assertRejected(encodeOnnx(negative), 'ONNX_DAMAGED');
  });

  it('does not follow messages that nest without end', () => {
    // A graph in an attribute of a node in a graph, a hundred times.
    let graph: Uint8Array = new Uint8Array(0);
    const wrap = (tag: number, bytes: Uint8Array): Uint8Array => {
      const length: number[] = [];
      let rest = bytes.length;
      for (; rest >= 128; rest >>>= 7) length.push((rest & 127) | 128);
      return Uint8Array.from([tag, ...length, rest, ...bytes]);
    };
    for (let depth = 0; depth < 100; depth += 1) {
      graph = wrap(0x0a, wrap(0x2a, wrap(0x32, graph)));
    }
    assert.match(assertRejected(Uint8Array.from([8, 8, ...wrap(0x3a, graph)]), 'ONNX_DAMAGED').message, /deep/);
  });
});

/** Whether the bytes can be read; fails when they are refused other than with a code. */
function describes(bytes: Uint8Array): boolean {
  try {
    describeOnnx(parseOnnx(bytes));
    return true;
  } catch (error) {
    assert.ok(error instanceof RejectedError, String(error));
    return false;
  }
}

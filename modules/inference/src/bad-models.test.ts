import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type InferenceTwin, inferenceTwinSchema } from '@edgeveil/contracts';
import type { RunningModule } from '@edgeveil/module-kit';
import { createFakeContext, type FakeContext } from '@edgeveil/module-kit/testing';
import { inference } from './inference.ts';
import { message } from './testing/onnx-message.ts';
import { testEnvironment } from './testing/test-environment.ts';
import { tinyModel, writeTinyPackage } from './testing/tiny-model.ts';

// Memory that nothing needs is not what is asked about.
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function residentBytes(): number {
  collectGarbage();
  return process.memoryUsage().rss;
}

/** A broken model: what it is, and the codes that it may be refused with. */
interface BadModel {
  readonly what: string;
  readonly bytes: Uint8Array;
  readonly codes: readonly string[];
}

const good = tinyModel();

/** A file of opset `opset` that claims tensors of `dims`, or keeps its weights elsewhere. */
function brokenGraph({ opset = 11, dims = [1], isExternal = false }): Uint8Array {
  const weights = isExternal
    ? message([1, dims], [2, 1], [8, 'w'], [13, message([1, 'location'], [2, 'weights.bin'])], [14, 1])
    : message([1, dims], [2, 1], [8, 'w'], [9, new Uint8Array(4)]);
  const info = (name: string) =>
    message(
      [1, name],
      [2, message([1, message([1, 1], [2, message(...[1, 3, 64, 64].map((dim) => [1, message([1, dim])] as const))])])],
    );
  const graph = message(
    [1, message([1, 'images'], [1, 'w'], [2, 'output0'], [4, 'Add'])],
    [2, 'broken'],
    [5, weights],
    [11, info('images')],
    [12, info('output0')],
  );
  return message([1, 6], [7, graph], [8, message([1, ''], [2, opset])]);
}

function hugeOutput(): Uint8Array {
  const side = 1_000_000;
  const shape = message(
    [1, [4]],
    [2, 7],
    [8, 'shape'],
    [9, new Uint8Array(new BigInt64Array([1n, 1000n, 1_000_000n, 1_000_000n]).buffer)],
  );
  const info = (name: string, dims: readonly number[]) =>
    message(
      [1, name],
      [2, message([1, message([1, 1], [2, message(...dims.map((dim) => [1, message([1, dim])] as const))])])],
    );
  const graph = message(
    [1, message([1, 'shape'], [2, 'big'], [4, 'ConstantOfShape'])],
    [1, message([1, 'images'], [1, 'big'], [2, 'output0'], [4, 'Add'])],
    [2, 'huge'],
    [5, shape],
    [11, info('images', [1, 3, 64, 64])],
    [12, info('output0', [1, 1000, side, side])],
  );
  return message([1, 6], [7, graph], [8, message([1, ''], [2, 11])]);
}

/** The good model with some of its bytes changed; the same for the same seed. */
function mutated(seed: number): Uint8Array {
  const bytes = Buffer.from(good);
  let state = seed;
  for (let count = 0; count <= seed % 4; count += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // The structure, not the weights: those may be anything.
    bytes[state % 700] = state >>> 24;
  }
  return bytes;
}

const REFUSALS = [
  'MODEL_UNLOADABLE',
  'MODEL_TOO_LARGE',
  'MODEL_CRASHES',
  'MODEL_OPSET_UNSUPPORTED',
  'MODEL_EXTERNAL_DATA',
  'MODEL_INPUT_UNKNOWN',
  'MODEL_OUTPUT_UNKNOWN',
  'MODEL_INPUT_MISMATCH',
  'MODEL_OUTPUT_MISMATCH',
  'MODEL_OUTPUT_SHAPE',
];

const BAD_MODELS: readonly BadModel[] = [
  { what: 'empty', bytes: new Uint8Array(), codes: ['MODEL_UNLOADABLE'] },
  { what: 'truncated', bytes: good.subarray(0, good.length / 2), codes: ['MODEL_UNLOADABLE'] },
  { what: 'random bytes', bytes: randomBytes(20_000), codes: ['MODEL_UNLOADABLE'] },
  { what: 'of an opset too new', bytes: brokenGraph({ opset: 99 }), codes: ['MODEL_OPSET_UNSUPPORTED'] },
  { what: 'without its external data', bytes: brokenGraph({ isExternal: true }), codes: ['MODEL_EXTERNAL_DATA'] },
  {
    what: 'of a huge declared shape',
    bytes: brokenGraph({ dims: [2 ** 31 - 1, 2 ** 20] }),
    codes: ['MODEL_UNLOADABLE', 'MODEL_TOO_LARGE'],
  },
  { what: 'of a huge output', bytes: hugeOutput(), codes: REFUSALS },
];

describe('inference with bad models', function () {
  this.timeout(120_000);
  let dir: string;
  let fake: FakeContext<InferenceTwin>;
  let running: RunningModule<InferenceTwin>;

  const twinOf = (name: string, rest: object = {}): InferenceTwin =>
    inferenceTwinSchema.parse({ model: { package: name, ...rest }, executionProviders: ['cpu'], threads: 1 });
  const model = () => fake.reported().model as Readonly<Record<string, unknown>>;
  const bring = async (name: string, bytes: Uint8Array): Promise<void> => {
    await mkdir(join(dir, 'models', name), { recursive: true });
    await writeFile(join(dir, 'models', name, 'model.onnx'), bytes);
  };

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-bad-'));
    await writeTinyPackage(join(dir, 'models', 'tiny'));
    fake = createFakeContext({
      twin: twinOf('tiny'),
      stateDir: join(dir, 'state'),
      moduleId: 'inference',
      environment: { PATH: process.env.PATH, ...testEnvironment(dir) },
    });
    await mkdir(join(dir, 'state'));
    running = await inference.start(fake.context);
  });
  after(async () => {
    fake.stop();
    await running.drain(AbortSignal.timeout(5000));
    await running.close();
    assert.deepEqual(fake.crashes, []);
    await rm(dir, { recursive: true });
  });

  /** Asks for a model and says why it was refused; the one before must still run. */
  const refusalOf = async (name: string, rest: object = {}): Promise<string> => {
    await running.apply(twinOf(name, rest));
    const { status, name: inUse, refused } = model();
    assert.deepEqual([status, inUse], ['running', 'tiny'], name);
    const { code, expected, found } = refused as Record<string, unknown>;
    assert.equal(typeof expected, 'string');
    assert.equal(typeof found, 'string');
    return String(code);
  };

  for (const { what, bytes, codes } of BAD_MODELS) {
    it(`refuses a model that is ${what}, and goes on with the one before`, async () => {
      const name = what.replaceAll(' ', '-');
      await bring(name, bytes);
      const code = await refusalOf(name);
      assert.ok(codes.includes(code), `${code}: ${String((model().refused as { found?: unknown }).found)}`);
    });
  }

  it('refuses a model of another hash than the twin says', async () => {
    await bring('other', good);
    assert.equal(await refusalOf('other', { sha256: '0'.repeat(64) }), 'MODEL_SHA256_MISMATCH');
  });

  it('survives twenty mutated files, and its memory is as before', async () => {
    let before = residentBytes();
    const codes: string[] = [];
    for (let seed = 1; seed <= 20; seed += 1) {
      // The runtime's and the threads' own memory grows with the first ten, by 60 to 90 MB, and then stays: what a file leaves shows after them.
      before = seed === 11 ? residentBytes() : before;
      const bytes = mutated(seed);
      const name = `mutated-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}`;
      await bring(name, bytes);
      await running.apply(twinOf(name));
      const { status, refused } = model();
      assert.equal(status, 'running', `seed ${seed}`);
      codes.push(refused === null || refused === undefined ? 'taken' : String((refused as { code: unknown }).code));
    }
    await running.apply(twinOf('tiny'));
    assert.equal(model().name, 'tiny');
    const grownMb = (residentBytes() - before) / 1024 ** 2;
    console.log(`      ${grownMb.toFixed(1)} MB more after the last 10 of 20 files: ${[...new Set(codes)].join(', ')}`);
    assert.ok(
      codes.every((code) => code === 'taken' || REFUSALS.includes(code)),
      codes.join(),
    );
    assert.ok(codes.filter((code) => code !== 'taken').length >= 10, codes.join());
    assert.ok(grownMb < 80, `${grownMb} MB more than before`);
  });
});

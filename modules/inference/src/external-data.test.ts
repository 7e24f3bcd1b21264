import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { Detector } from './detector.ts';
import { inspectModel } from './inspect-model.ts';
import { ModelLibrary } from './library/model-library.ts';
import { externalModel, writeExternalModel } from './testing/external-model.ts';
import { pngWith } from './testing/test-pictures.ts';

const RED = { colour: [255, 0, 0], box: [8, 16, 8, 8] } as const;

describe('a model with its weights in another file', function () {
  this.timeout(20_000);
  let dir: string;
  const refusal = (code: string) => (error: unknown) => error instanceof ConfigError && error.code === code;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-external-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('runs, and its hash is that of all its files', async () => {
    const { sha256 } = await writeExternalModel(dir);
    await using detector = await Detector.open({ model: join(dir, 'model.onnx'), sha256 });
    const [found] = await detector.detect([{ bytes: await pngWith(64, 64, [RED]) }]);
    assert.equal(found?.length, 1);
    assert.equal(detector.identity.sha256, sha256);
    const { recognised, sha256: inspected } = await inspectModel(join(dir, 'model.onnx'));
    assert.deepEqual([inspected, recognised?.model.sha256], [sha256, sha256]);
  });

  it('is refused when its weights are others than the hash says, or not there', async () => {
    const { sha256, data } = await writeExternalModel(dir);
    const open = () => Detector.open({ model: join(dir, 'model.onnx'), sha256 });
    await writeFile(join(dir, 'model.onnx.data'), Buffer.from(data).fill(1, 0, 4));
    await assert.rejects(open(), refusal('MODEL_SHA256_MISMATCH'));
    await writeFile(join(dir, 'model.onnx.data'), '');
    await assert.rejects(Detector.open({ model: join(dir, 'model.onnx') }), refusal('MODEL_EXTERNAL_DATA'));
    await rm(join(dir, 'model.onnx.data'));
    await assert.rejects(open(), refusal('MODEL_EXTERNAL_DATA'));
  });

  it('is refused when it names a file outside its folder', async () => {
    const { bytes, data } = externalModel('../secret');
    await writeFile(join(dir, 'secret'), data);
    await mkdir(join(dir, 'model'));
    await writeFile(join(dir, 'model/model.onnx'), bytes);
    await assert.rejects(Detector.open({ model: join(dir, 'model/model.onnx') }), refusal('MODEL_EXTERNAL_DATA'));
  });

  it('is kept in the library with all its files, and no version of it changes', async () => {
    const { sha256, data } = await writeExternalModel(join(dir, 'come'));
    const modelFile = join(dir, 'come/model.onnx');
    const { recognised } = await inspectModel(modelFile);
    assert.ok(recognised !== undefined);
    const description = { ...recognised.model, name: 'large', version: '1' };
    const library = await ModelLibrary.open(join(dir, 'library'));
    const entry = await library.add({ modelFile, description, origin: 'folder' });
    assert.equal(entry.sha256, sha256);
    assert.deepEqual(await readFile(join(library.dirOf(entry), 'model.onnx.data')), data);
    await using detector = await Detector.open({ model: library.dirOf(entry) });
    assert.equal(detector.identity.sha256, sha256);

    await writeFile(join(dir, 'come/model.onnx.data'), Buffer.from(data).fill(1, 0, 4));
    await assert.rejects(
      library.add({ modelFile, description: { ...description, version: '2' }, origin: 'folder' }),
      refusal('MODEL_SHA256_MISMATCH'),
    );
    assert.equal(library.find('large', '2'), undefined);
  });
});

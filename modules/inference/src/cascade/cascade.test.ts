import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StageConfig, type TilesConfig, TransientError } from '@edgeveil/contracts';
import { encodeOnnx } from '@edgeveil/onnx-graph';
import { TEXT_CASES } from '../../../../packages/vision/src/testing/text-cases.ts';
import { Detector } from '../detector.ts';
import { constantModel } from '../testing/constant-model.ts';
import { pngWith } from '../testing/test-pictures.ts';
import { tinyModel, tinyPackage, writeTinyPackage } from '../testing/tiny-model.ts';
import type { Cascade } from './cascade.ts';
import { openCascade } from './open-cascade.ts';

/** A red patch that the first model sees as a person, and a blue dot in it that only an enlarged crop shows. */
const PERSON = { colour: [255, 0, 0], box: [24, 24, 8, 8] } as const;
const FACE = { colour: [0, 0, 255], box: [28, 26, 2, 2] } as const;
const DYING_WORKER = new URL('../testing/dying-worker.ts', import.meta.url);

const STAGE: StageConfig = {
  labels: ['person'],
  yields: 'detections',
  model: { package: 'faces' },
  // Of 8 pixels: a crop of 16, enlarged four times to the input of 64.
  margin: 0.5,
  minSize: 8,
  maxCrops: 100,
  required: true,
};

describe('Cascade', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-cascade-'));
    await writeTinyPackage(join(dir, 'people'), { overrides: { labels: ['person', 'car', 'dog'] } });
    await writeTinyPackage(join(dir, 'faces'), { overrides: { labels: ['skin', 'hat', 'face'] } });
  });
  afterEach(async () => {
    await rm(dir, { recursive: true });
  });

  const model = (name: string, workerFile?: URL): Promise<Detector> =>
    Detector.open({ model: join(dir, name), ...(workerFile && { workerFile }) });

  function open(
    stages: Readonly<Record<string, StageConfig>>,
    tiles?: TilesConfig,
    workerFile?: URL,
  ): Promise<Cascade> {
    return openCascade({
      openFirst: () => model('people'),
      openStage: (_name, config) => model(config.model.package ?? '', workerFile),
      stages,
      tilesOf: () => tiles,
    });
  }

  describe('with a model that reads, from its bare file', () => {
    const READS: StageConfig = { ...STAGE, yields: 'text', model: { package: 'text.onnx' } };

    beforeEach(async () => {
      const [, , lprNet] = TEXT_CASES;
      assert.ok(lprNet);
      await writeFile(join(dir, 'text.onnx'), encodeOnnx(constantModel(lprNet)));
    });

    it('says the text of each crop', async () => {
      await using cascade = await open({ plate: READS });
      assert.deepEqual(cascade.labels, ['person', 'car', 'dog'], 'characters are nothing that is found');
      const { detections } = await cascade.detect([{ bytes: await pngWith(64, 64, [PERSON]) }]);
      const [person] = detections[0] ?? [];
      const [read, ...more] = person?.attributes ?? [];
      assert.deepEqual([read?.stage, read?.label, read?.score.toFixed(2), more.length], ['plate', '京A009', '0.90', 0]);
    });

    it('takes it for nothing else, and not as the first model', async () => {
      await assert.rejects(open({ plate: { ...READS, yields: 'classification' } }), { code: 'CASCADE_YIELD_MISMATCH' });
      const reads = (): Promise<Detector> => model('text.onnx');
      await assert.rejects(openCascade({ openFirst: reads, openStage: reads, stages: {} }), {
        code: 'CASCADE_YIELD_MISMATCH',
      });
    });
  });

  it('finds in the crop what the whole picture does not show, at its place in the picture', async () => {
    await using cascade = await open({ faces: STAGE });
    assert.deepEqual(cascade.labels, ['person', 'car', 'dog', 'skin', 'hat', 'face']);
    const { detections, stages } = await cascade.detect([
      { bytes: await pngWith(64, 64, [PERSON, FACE]) },
      { bytes: await pngWith(64, 64, []) },
    ]);
    const [person, ...found] = detections[0] ?? [];
    assert.deepEqual([person?.label, person?.box], ['person', [24, 24, 8, 8]]);
    const faces = found.filter(({ label }) => label === 'face');
    assert.deepEqual(
      faces.map(({ box, stage, parent }) => ({ box, stage, parent })),
      [{ box: [28, 26, 2, 2], stage: 'faces', parent: 0 }],
    );
    assert.deepEqual(detections[1], []);
    assert.deepEqual(
      stages?.map(({ name, isDone, model: identity }) => [name, isDone, identity?.name]),
      [['faces', true, 'tiny']],
    );
  });

  it('looks at the crops of all pictures of a batch', async () => {
    await using cascade = await open({ faces: STAGE });
    const at = (x: number, y: number) => [
      { ...PERSON, box: [x, y, 8, 8] as const },
      { ...FACE, box: [x + 4, y + 2, 2, 2] as const },
    ];
    const places = [
      [8, 8],
      [24, 40],
      [48, 16],
      [40, 48],
    ] as const;
    const frames = await Promise.all(
      places.map(async ([x, y]) => ({ bytes: await pngWith(64, 64, [...at(x, y), ...at(0, 56)]) })),
    );
    const { detections } = await cascade.detect(frames);
    detections.forEach((found, index) => {
      const [x, y] = places[index] ?? [0, 0];
      const faces = found.filter(({ label }) => label === 'face').map(({ box }) => box.slice(0, 2).join());
      assert.deepEqual(faces.toSorted(), [`${x + 4},${y + 2}`, '4,58'].toSorted(), `picture ${index}`);
      for (const { parent, label } of found) {
        assert.equal(parent === undefined ? label : found[parent]?.label, 'person');
      }
    });
  });

  it('adds what two crops show only once', async () => {
    await using cascade = await open({ faces: STAGE });
    const patches = [PERSON, { ...PERSON, box: [32, 24, 8, 8] as const }, FACE];
    const { detections } = await cascade.detect([{ bytes: await pngWith(64, 64, patches) }]);
    const faces = detections[0]?.filter(({ label }) => label === 'face') ?? [];
    assert.equal(faces.length, 1);
  });

  it('goes on from what a stage finds to the next', async () => {
    const input = { ...tinyPackage(tinyModel()).input, anchor: 'top-left' } as const;
    await writeTinyPackage(join(dir, 'eyes'), { overrides: { labels: ['a', 'b', 'eye'], input } });
    await using cascade = await open({
      eyes: { ...STAGE, after: 'faces', labels: ['face'], model: { package: 'eyes' }, minSize: 1, margin: 2 },
      faces: STAGE,
    });
    const { detections, stages } = await cascade.detect([{ bytes: await pngWith(64, 64, [PERSON, FACE]) }]);
    const eyes = detections[0]?.filter(({ label }) => label === 'eye') ?? [];
    assert.ok(eyes.length > 0);
    for (const { parent = -1, stage, box } of eyes) {
      assert.deepEqual([stage, detections[0]?.[parent]?.label], ['eyes', 'face']);
      assert.ok(box[0] >= 28 && box[0] + box[2] <= 30 && box[1] >= 26 && box[1] + box[3] <= 28, box.join());
    }
    assert.deepEqual(
      stages?.map(({ name }) => name),
      ['faces', 'eyes'],
    );
  });

  it('leaves out what is too small', async () => {
    await using cascade = await open({ faces: { ...STAGE, minSize: 9 } });
    const { detections } = await cascade.detect([{ bytes: await pngWith(64, 64, [PERSON, FACE]) }]);
    assert.deepEqual(
      detections[0]?.map(({ label }) => label),
      ['person'],
    );
  });

  it('finds in tiles what is too small in the whole picture, where tiles begin and end', async () => {
    const patches = [
      { colour: [255, 0, 0], box: [200, 136, 8, 8] },
      // Cut by the border of two tiles, and whole in none of 64 without overlap.
      { colour: [255, 0, 0], box: [56, 8, 8, 8] },
    ] as const;
    const bytes = await pngWith(256, 256, patches);
    await using whole = await open({});
    assert.deepEqual((await whole.detect([{ bytes }])).detections, [[]]);
    for (const wholePicture of [true, false]) {
      await using tiled = await open({}, { overlap: 0, wholePicture });
      const { detections } = await tiled.detect([{ bytes }]);
      assert.deepEqual(
        detections[0]?.map(({ box }) => box).toSorted((a, b) => a[0] - b[0]),
        [
          [56, 8, 8, 8],
          [200, 136, 8, 8],
        ],
      );
    }
  });

  it('looks at crops of what tiles show', async () => {
    const at = (x: number, y: number) => [
      { colour: [255, 0, 0], box: [x, y, 8, 8] } as const,
      { colour: [0, 0, 255], box: [x + 4, y + 2, 2, 2] } as const,
    ];
    await using cascade = await open({ faces: STAGE }, { overlap: 0, wholePicture: true });
    const { detections } = await cascade.detect([{ bytes: await pngWith(256, 192, at(200, 136)) }]);
    const faces = detections[0]?.filter(({ label }) => label === 'face') ?? [];
    assert.deepEqual(
      faces.map(({ box }) => box),
      [[204, 138, 2, 2]],
    );
  });

  it('fails as a whole when a stage fails, and works again with the next batch', async () => {
    await using cascade = await open({ faces: STAGE }, undefined, DYING_WORKER);
    const bytes = await pngWith(64, 64, [PERSON, FACE]);
    const marker = join(dir, 'faces', 'model.onnx.die');
    await writeFile(marker, '');
    await assert.rejects(cascade.detect([{ bytes }]), TransientError);
    await assert.rejects(cascade.selfTest(), TransientError);
    await rm(marker);
    const { detections } = await cascade.detect([{ bytes }]);
    assert.ok(detections[0]?.some(({ label }) => label === 'face'));
    await cascade.selfTest();
  });

  it('counts a stage as done that had nothing to look at', async () => {
    await using cascade = await open({ faces: STAGE }, undefined, DYING_WORKER);
    const { detections, stageWork } = await cascade.detect([{ bytes: await pngWith(64, 64, []) }]);
    assert.deepEqual([detections, stageWork?.[0]?.crops, stageWork?.[0]?.isDone], [[[]], 0, true]);
  });

  it('refuses a stage whose labels nothing can find, or whose model does something else', async () => {
    await assert.rejects(open({ faces: { ...STAGE, labels: ['horse'] } }), { code: 'CASCADE_LABEL_UNKNOWN' });
    await assert.rejects(open({ faces: { ...STAGE, labels: ['face'] } }), { code: 'CASCADE_LABEL_UNKNOWN' });
    for (const yields of ['classification', 'embedding', 'text'] as const) {
      await assert.rejects(open({ faces: { ...STAGE, yields } }), { code: 'CASCADE_YIELD_MISMATCH' });
    }
    await assert.rejects(open({ faces: { ...STAGE, model: { package: 'nowhere' } } }), { code: 'MODEL_NOT_FOUND' });
  });
});

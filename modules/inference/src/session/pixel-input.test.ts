import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { decodeResized, probePicture } from '@edgeveil/picture-codec';
import { planLetterbox } from '@edgeveil/vision';
import { testData } from '../../../../test/test-data.ts';
import { sessionSpec } from '../detector.ts';
import { placedBytes, placePixels, resizeTarget } from '../place-pixels.ts';
import { ModelSession } from './model-session.ts';
import type { PictureInputReport, PlacedPicture } from './session-protocol.ts';

const PHOTO = 'photos/face_two_men.jpg';
/** All that run, with what is chosen: a model that takes the bytes as they are needs nothing, and float16 is rounded. */
const MODELS: Readonly<Record<string, { readonly maxError: number }>> = {
  ultraface_rfb320: { maxError: 1e-5 },
  ultraface_rfb320_nopp: { maxError: 1e-5 },
  yunet_n_320: { maxError: 1e-5 },
  yunet_n_640: { maxError: 1e-5 },
  yunet_n_dynamic: { maxError: 1e-5 },
  yolox_nano: { maxError: 1e-5 },
  nanodet_m_320: { maxError: 1e-5 },
  light_person: { maxError: 1e-5 },
  derived_yolox_nano_cvs1: { maxError: 1e-4 },
  derived_yolox_nano_e2e: { maxError: 1e-4 },
  derived_yolox_nano_detr: { maxError: 1e-5 },
  customvision_cat_dog_probs: { maxError: 1e-5 },
  mobilenet_v2: { maxError: 1e-5 },
  person_reid_0288: { maxError: 1e-5 },
  squeezenet_fp16: { maxError: 5e-3 },
};

async function open(modelFile: string, pictureInput?: PictureInputReport, of?: ModelSession): Promise<ModelSession> {
  const spec = await sessionSpec({ modelFile, description: of?.info.model }, { model: modelFile, threads: 1 });
  return ModelSession.open({ ...spec, pictureInput });
}

async function placed({ info }: ModelSession, file: string): Promise<PlacedPicture> {
  const bytes = await readFile(file);
  const { input } = info.model;
  const plan = planLetterbox(await probePicture(bytes), input);
  const memory = new SharedArrayBuffer(placedBytes(input));
  placePixels(new Uint8Array(memory), await decodeResized(bytes, resizeTarget(plan)), plan, input.pad);
  return { memory, plan };
}

describe('pictures as the input of a model', function () {
  this.timeout(120_000);

  for (const [name, { maxError }] of Object.entries(MODELS)) {
    it(`gives ${name} in its graph what filling gives it`, async function () {
      const file = testData(this, `models/${name}.onnx`);
      const photo = testData(this, PHOTO);
      const tried = await open(file);
      const { pictureInput } = tried.info;
      assert.ok((pictureInput.maxError ?? 1) <= maxError, JSON.stringify(pictureInput));
      const byFill = await open(file, { by: 'fill' }, tried);
      const byGraph = await open(file, { by: 'graph' }, tried);
      assert.deepEqual([byFill.info.pictureInput.by, byGraph.info.pictureInput.by], ['fill', 'graph']);
      const picture = await placed(tried, photo);
      const [expected, found] = [await byFill.run([picture]), await byGraph.run([picture])];
      await Promise.all([tried, byFill, byGraph].map((each) => each.close()));
      const [wanted = [], got = []] = [expected.detections[0], found.detections[0]];
      assert.deepEqual(
        got.map(({ label }) => label),
        wanted.map(({ label }) => label),
      );
      for (const [index, { score, box }] of wanted.entries()) {
        const other = got[index];
        assert.ok(Math.abs(score - (other?.score ?? 0)) < 10 * maxError, `${score} became ${other?.score}`);
        assert.ok(box.every((value, side) => Math.abs(value - (other?.box[side] ?? Number.NaN)) < 0.1));
      }
    });
  }

  it('hands bytes on as they are to a model that takes them', async function () {
    const session = await open(testData(this, 'models/derived_yolox_nano_tfod.onnx'));
    assert.deepEqual(session.info.pictureInput, { by: 'graph' });
    await session.close();
  });
});

import { readFile } from 'node:fs/promises';
import { planLetterbox } from '@edgeveil/vision';
import { PicturePlacer } from '../../../modules/inference/src/picture-threads/picture-placer.ts';
import { PixelMemory } from '../../../modules/inference/src/pixel-memory.ts';
import { placedBytes } from '../../../modules/inference/src/place-pixels.ts';
import { answer } from './answer.ts';
import { measureRate } from './pace.ts';

// As the module decodes, with the pixels where a session reads them.
await answer(async ({ model, pictures, sessions, warmUp, measureMs }) => {
  const files = await Promise.all(pictures.map((file) => readFile(file)));
  const plan = planLetterbox({ width: 1920, height: 1080 }, model.input);
  const blocks = new PixelMemory(placedBytes(model.input), sessions);
  const placer = await PicturePlacer.shared();
  const decode = async (index: number): Promise<void> => {
    const bytes = files[index % files.length] ?? Buffer.alloc(0);
    blocks.release(await placer.place(bytes, { plan, pad: model.input.pad, blocks }, { isConsumed: false }));
  };
  return measureRate(decode, { warmUp, measureMs }, sessions);
});

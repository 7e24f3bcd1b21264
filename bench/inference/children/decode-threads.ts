import { readFile } from 'node:fs/promises';
import { planLetterbox } from '@edgeveil/vision';
import { PicturePlacer } from '../../../modules/inference/src/picture-threads/picture-placer.ts';
import { placedBytes } from '../../../modules/inference/src/place-pixels.ts';
import { answer } from './answer.ts';
import { measureRate } from './pace.ts';

// As the module decodes, with the pixels where a session reads them.
await answer(async ({ model, pictures, sessions, warmUp, measureMs }) => {
  const files = await Promise.all(pictures.map((file) => readFile(file)));
  const plan = planLetterbox({ width: 1920, height: 1080 }, model.input);
  const memories = Array.from({ length: sessions }, () => new SharedArrayBuffer(placedBytes(model.input)));
  const placer = await PicturePlacer.shared();
  const decode = async (index: number): Promise<void> => {
    const memory = memories.pop();
    const bytes = files[index % files.length];
    if (memory === undefined || bytes === undefined) {
      throw new Error('more at once than was asked for, or no pictures');
    }
    await placer.place(bytes, { plan, pad: model.input.pad, memory }, { isConsumed: false });
    memories.push(memory);
  };
  return measureRate(decode, { warmUp, measureMs }, sessions);
});

import { readFile } from 'node:fs/promises';
import { planLetterbox } from '@edgeveil/vision';
import sharp from 'sharp';
import { answer } from './answer.ts';
import { measureRate } from './pace.ts';

// The least that there is to do with a JPEG: libjpeg-turbo shrinks by 2, 4 or 8 while it decodes, libvips does the rest.
await answer(async ({ model, pictures, sessions, warmUp, measureMs }) => {
  sharp.cache(false);
  sharp.concurrency(1);
  const files = await Promise.all(pictures.map((file) => readFile(file)));
  const { content } = planLetterbox({ width: 1920, height: 1080 }, model.input);
  const decode = async (index: number): Promise<void> => {
    const picture = sharp(files[index % files.length], { sequentialRead: true });
    await picture.resize(content.width, content.height, { fit: 'fill', kernel: 'linear' }).raw().toBuffer();
  };
  return measureRate(decode, { warmUp, measureMs }, sessions);
});

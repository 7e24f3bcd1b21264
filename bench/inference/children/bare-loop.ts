import { readFile } from 'node:fs/promises';
import { decodeOutputs, fillTensor, type LetterboxPlan, planDecode, planLetterbox } from '@edgeveil/vision';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { peakMemory } from '../../peak-memory.ts';
import { answer } from './answer.ts';
import { measureRate, measureSingles } from './pace.ts';

// What a good engineer writes in an afternoon: the next picture is decoded on the thread pool while the runtime has this thread.
await answer(async ({ modelFile, model, pictures, threads, warmUp, measureMs, singles }) => {
  const session = await InferenceSession.create(modelFile, threads === 0 ? {} : { intraOpNumThreads: threads });
  const { width, height } = model.input;
  const values = new Float32Array(3 * width * height);
  const dims = model.input.layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
  const plan = planDecode(model);
  let found = 0;
  let done = 0;

  const decode = async (index: number): Promise<{ data: Buffer; placed: LetterboxPlan }> => {
    const bytes = await readFile(pictures[index % pictures.length] ?? '');
    const picture = sharp(bytes);
    const { width: fullWidth = 1, height: fullHeight = 1 } = await picture.metadata();
    const placed = planLetterbox({ width: fullWidth, height: fullHeight }, model.input);
    const cropped = model.input.resize === 'crop' ? model.input : placed.content;
    const fit = model.input.resize === 'crop' ? 'cover' : 'fill';
    return { data: await picture.resize(cropped.width, cropped.height, { fit }).raw().toBuffer(), placed };
  };
  const run = async ({ data, placed }: Awaited<ReturnType<typeof decode>>): Promise<void> => {
    const isCropped = model.input.resize === 'crop';
    const here = isCropped ? { ...placed, content: { x: 0, y: 0, width, height } } : placed;
    fillTensor(values, { data, ...here.content }, here, model.input);
    const outputs = await session.run({ [model.input.name]: new Tensor('float32', values, dims) });
    found += decodeOutputs(outputs, plan, [placed])[0]?.length ?? 0;
    done += 1;
  };

  let next = decode(0);
  const step = async (index: number): Promise<void> => {
    const current = await next;
    next = decode(index);
    await run(current);
  };
  const rate = await measureRate(step, { warmUp, measureMs });
  await next;
  const latencyMs = await measureSingles(async (index) => run(await decode(index)), singles);
  return { ...rate, latencyMs, found: found / done, peakBytes: await peakMemory(process.pid) };
});

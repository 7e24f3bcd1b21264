import { readFile } from 'node:fs/promises';
import {
  decodeOutputs,
  fillTensor,
  type LetterboxPlan,
  type Outputs,
  planDecode,
  planLetterbox,
} from '@edgeveil/vision';
import sharp from 'sharp';
import { peakMemory } from '../../peak-memory.ts';
import type { Measurement, Task } from '../task.ts';
import { measureRate, measureSingles } from './pace.ts';

/** A model in some runtime. */
export type RunModel = (values: Float32Array, dims: readonly number[]) => Promise<Outputs>;

/**
 * What a good engineer writes in an afternoon: the next picture is decoded on the thread pool while the runtime has this thread, the
 * tensor is filled, the outputs are decoded, overlaps suppressed.
 */
export async function measureLoop(task: Task, run: RunModel): Promise<Measurement> {
  const { model, pictures, warmUp, measureMs, singles } = task;
  const { width, height } = model.input;
  const values = new Float32Array(3 * width * height);
  const dims = model.input.layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
  const plan = planDecode(model);
  let found = 0;
  let done = 0;

  const decode = async (index: number): Promise<{ data: Buffer; placed: LetterboxPlan }> => {
    const bytes = await readFile(pictures[index % pictures.length] ?? '');
    const picture = sharp(bytes);
    const { width: fullWidth, height: fullHeight } = await picture.metadata();
    const placed = planLetterbox({ width: fullWidth, height: fullHeight }, model.input);
    const { content } = placed;
    return { data: await picture.resize(content.width, content.height, { fit: 'fill' }).raw().toBuffer(), placed };
  };
  const infer = async ({ data, placed }: Awaited<ReturnType<typeof decode>>): Promise<void> => {
    fillTensor(values, { data, ...placed.content }, placed, model.input);
    found += decodeOutputs(await run(values, dims), plan, [placed])[0]?.length ?? 0;
    done += 1;
  };

  let next = decode(0);
  const step = async (index: number): Promise<void> => {
    const current = await next;
    next = decode(index);
    await infer(current);
  };
  const rate = await measureRate(step, { warmUp, measureMs });
  await next;
  const latencyMs = await measureSingles(async (index) => infer(await decode(index)), singles);
  const residentBytes = process.memoryUsage.rss();
  return { ...rate, latencyMs, found: found / done, peakBytes: await peakMemory(process.pid), residentBytes };
}

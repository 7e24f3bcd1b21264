import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Task } from '../task.ts';
import { answer } from './answer.ts';
import { measureRate, type Rate } from './pace.ts';

// The limit: the runtime alone, on a tensor that never changes. Each session has a thread of its own, which `run` blocks.
if (isMainThread) {
  await answer(async (task) => {
    const before = process.memoryUsage.rss();
    const workers = Array.from(
      { length: task.sessions },
      () => new Worker(new URL(import.meta.url), { workerData: task }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const modelBytes = (process.memoryUsage.rss() - before) / task.sessions;
    for (const worker of workers) {
      worker.postMessage('go');
    }
    const rates = await Promise.all(workers.map(async (worker): Promise<Rate> => (await once(worker, 'message'))[0]));
    return { framesPerSecond: rates.reduce((sum, rate) => sum + rate.framesPerSecond, 0), modelBytes };
  });
} else {
  const { modelFile, model, threads, warmUp, measureMs }: Task = workerData;
  const session = await InferenceSession.create(modelFile, {
    intraOpNumThreads: threads,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const { width, height, layout, name } = model.input;
  const dims = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
  const values = Float32Array.from({ length: 3 * width * height }, (_, index) => (index * 7919) % 256);
  const step = async (): Promise<void> => {
    await session.run({ [name]: new Tensor('float32', values, dims) });
  };
  for (let index = 0; index < warmUp; index += 1) {
    await step();
  }
  parentPort?.postMessage('ready');
  if (parentPort !== null) {
    await once(parentPort, 'message');
  }
  parentPort?.postMessage(await measureRate(step, { warmUp: 0, measureMs }));
}

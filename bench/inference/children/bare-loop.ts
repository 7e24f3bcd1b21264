import { InferenceSession, Tensor } from 'onnxruntime-node';
import { answer } from './answer.ts';
import { measureLoop } from './loop.ts';

// As the runtime comes: threads for all cores, which spin while they wait.
await answer(async (task) => {
  const { modelFile, model, threads } = task;
  const session = await InferenceSession.create(modelFile, threads === 0 ? {} : { intraOpNumThreads: threads });
  return measureLoop(task, (values, dims) => session.run({ [model.input.name]: new Tensor('float32', values, dims) }));
});

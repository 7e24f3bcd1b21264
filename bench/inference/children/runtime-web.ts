import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { answer } from './answer.ts';
import { measureLoop } from './loop.ts';

interface WebRuntime {
  readonly env: { readonly wasm: { numThreads?: number } };
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: { executionProviders: string[] }): Promise<InferenceSession>;
  };
  readonly Tensor: typeof Tensor;
}

// The same loop with the runtime as WebAssembly, which needs nothing native.
await answer(async (task) => {
  let file: string;
  try {
    file = createRequire(join(resolve(task.peersDir), 'package.json')).resolve('onnxruntime-web');
  } catch {
    return { skipped: 'onnxruntime-web is not in the folder of --peers' };
  }
  const loaded: WebRuntime & { readonly default?: WebRuntime } = await import(pathToFileURL(file).href);
  const web = loaded.default ?? loaded;
  web.env.wasm.numThreads = availableParallelism();
  const session = await web.InferenceSession.create(await readFile(task.modelFile), { executionProviders: ['wasm'] });
  const { name } = task.model.input;
  const measured = await measureLoop(task, (values, dims) =>
    session.run({ [name]: new web.Tensor('float32', values, dims) }),
  );
  // Its threads would keep the process.
  setImmediate(() => process.exit(0));
  return measured;
});

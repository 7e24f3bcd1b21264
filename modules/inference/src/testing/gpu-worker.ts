import { type Placement, type Runtime, type RuntimeSession, replaceRuntime } from '../session/onnx-runtime.ts';
import '../session/session-worker.ts';
import { GPUS } from './gpus.ts';

/* The real worker on a runtime that claims to have NVIDIA GPUs; all of them calculate on the CPU. */

const cpu = replaceRuntime({ create: (bytes, options) => create(bytes, options) });

const create: Runtime['create'] = async (bytes, options) => {
  const [provider] = options.executionProviders ?? [];
  const { enableProfiling: _, profileFilePrefix: __, ...rest } = options;
  const real = await cpu.create(bytes, { ...rest, executionProviders: ['cpu'] });
  if (typeof provider !== 'object' || !('deviceId' in provider)) {
    return real;
  }
  const device = provider.deviceId;
  if (device === GPUS.throwsAtLoad) {
    throw new Error('Failed to load shared library libonnxruntime_providers_cuda.so\nmore words');
  }
  if (device === GPUS.fatal) {
    process.kill(process.pid, 'SIGSEGV');
  }
  let isProven = false;
  const run: RuntimeSession['run'] = async (feeds, outputNames) => {
    if (device === GPUS.throwsAtRun) {
      throw new Error('CUDA failure 999: unknown error');
    }
    if (device === GPUS.hangs && isProven) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
    const outputs = await real.run(feeds, outputNames);
    if (device === GPUS.wrongNumbers || device === GPUS.notNumbers) {
      for (const { data } of Object.values(outputs)) {
        if (data instanceof Float32Array) {
          data.forEach((value, index) => {
            data[index] = device === GPUS.notNumbers ? Number.NaN : value * 1.1;
          });
        }
      }
    }
    return outputs;
  };
  const placement = async (): Promise<Placement> => {
    isProven = true;
    return device === GPUS.silent ? { CPUExecutionProvider: 7 } : { CUDAExecutionProvider: 6, CPUExecutionProvider: 1 };
  };
  return {
    inputMetadata: real.inputMetadata,
    outputMetadata: real.outputMetadata,
    run,
    release: () => real.release(),
    placement,
  };
};

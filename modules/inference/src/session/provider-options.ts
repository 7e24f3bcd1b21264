import { dirname, resolve } from 'node:path';
import type { ExecutionProvider } from '@edgeveil/contracts';
import type { SessionOptions } from './onnx-runtime.ts';
import type { SessionSpec } from './session-protocol.ts';

/** The runtime's own name of each provider, as it stands in its profiles. */
export const RUNTIME_NAMES: Readonly<Record<ExecutionProvider, string>> = {
  tensorrt: 'TensorrtExecutionProvider',
  cuda: 'CUDAExecutionProvider',
  webgpu: 'WebGpuExecutionProvider',
  cpu: 'CPUExecutionProvider',
};

type ProviderSettings = Pick<SessionSpec, 'device' | 'threads' | 'tensorRt' | 'modelFile'> & {
  /** Where the runtime begins a record of what ran where. */
  readonly profileFilePrefix: string | undefined;
};

/**
 * Options of a session on exactly one provider. The CPU stays beside it for nodes that the provider does not have:
 * onnxruntime adds it by itself. TensorRT gets CUDA beside it, as its documentation asks for.
 */
export function providerOptions(provider: ExecutionProvider, settings: ProviderSettings): SessionOptions {
  const { threads, tensorRt, profileFilePrefix, modelFile } = settings;
  return {
    executionProviders: namesOf(provider, settings.device),
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
    ...(profileFilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix }),
    extra: {
      // Threads that wait for work by spinning take the cores that decode the next picture and run the other modules.
      session: { intra_op: { allow_spinning: '0' }, ...dataFolder(modelFile) },
      ...(provider === 'tensorrt' ? { ep: tensorRtEntries(tensorRt) } : {}),
    },
  };
}

/** A model that is loaded from memory does not know where its data files are. */
export function dataFolder(modelFile: string): Readonly<Record<string, string>> {
  return { model_external_initializers_file_folder_path: dirname(resolve(modelFile)) };
}

function namesOf(provider: ExecutionProvider, device: number): NonNullable<SessionOptions['executionProviders']> {
  switch (provider) {
    case 'tensorrt':
      return [
        { name: 'tensorrt', deviceId: device },
        { name: 'cuda', deviceId: device },
      ];
    case 'cuda':
      return [{ name: 'cuda', deviceId: device }];
    case 'webgpu':
      // The binding refuses a device number here; the runtime takes the adapter that promises most.
      return ['webgpu'];
    case 'cpu':
      return ['cpu'];
  }
}

/**
 * The Node binding has no field for TensorRT's own options, and TensorRT ignores its environment variables when it is
 * started through it (microsoft/onnxruntime#18380); entries of the session's configuration are the one way left. Under
 * both names that versions of the runtime look for. Whether they were honoured is seen from the files in the folder.
 */
function tensorRtEntries({ engineCacheDir, fp16 }: SessionSpec['tensorRt']): Record<string, Record<string, string>> {
  const entries = {
    ...(engineCacheDir === undefined
      ? {}
      : {
          trt_engine_cache_enable: '1',
          trt_engine_cache_path: engineCacheDir,
          trt_timing_cache_enable: '1',
          trt_timing_cache_path: engineCacheDir,
        }),
    ...(fp16 ? { trt_fp16_enable: '1' } : {}),
  };
  return { tensorrt: entries, tensorrtexecutionprovider: entries };
}

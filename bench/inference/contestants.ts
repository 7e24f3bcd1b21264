import { fileURLToPath } from 'node:url';

/** One row of the table. */
export interface Contestant {
  readonly key: string;
  readonly name: string;
  readonly file: string;
  readonly threads: number;
  readonly sessions: number;
  readonly measuresLatency: boolean;
}

const child = (name: string): string => fileURLToPath(new URL(`./children/${name}`, import.meta.url));

/** 0 threads, or sessions: what the contestant itself chooses. */
function contestant(
  key: string,
  name: string,
  file: string,
  { threads = 0, sessions = 0, measuresLatency = false }: Partial<Contestant> = {},
): Contestant {
  return { key, name, file: child(file), threads, sessions, measuresLatency };
}

export const CONTESTANTS: readonly Contestant[] = [
  contestant('decode1', 'libvips decodes alone, 1 at once', 'decode-only.ts', { sessions: 1 }),
  contestant('decode2', 'libvips decodes alone, 2 at once', 'decode-only.ts', { sessions: 2 }),
  contestant('decode4', 'libvips decodes alone, 4 at once', 'decode-only.ts', { sessions: 4 }),
  contestant('own', "the module's decoder alone", 'decode-threads.ts', { sessions: 4 }),
  contestant('run1', 'onnxruntime alone, 1 thread', 'runtime-only.ts', { threads: 1, sessions: 1 }),
  contestant('run2', 'onnxruntime alone, 2 threads', 'runtime-only.ts', { threads: 2, sessions: 1 }),
  contestant('runs', 'onnxruntime alone, 2 sessions of 1 thread', 'runtime-only.ts', { threads: 1, sessions: 2 }),
  contestant('module', 'the module, from the store', 'module.ts', { measuresLatency: true }),
  contestant('bare', 'bare loop: sharp, onnxruntime, NMS', 'bare-loop.ts', { measuresLatency: true }),
  contestant('bare1', 'bare loop, 1 thread', 'bare-loop.ts', { threads: 1, measuresLatency: true }),
  contestant('opencv', 'OpenCV DNN, Python', 'opencv-dnn.py', { measuresLatency: true }),
  contestant('wasm', 'onnxruntime-web (WebAssembly)', 'runtime-web.ts', { measuresLatency: true }),
];

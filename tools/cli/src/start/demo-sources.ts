import { Worker } from 'node:worker_threads';

/** What the suite is shown: sub-folders of the sources folder, and the ingest module's twin for them. */
export const DEMO_SOURCES = {
  'camera-dock': { type: 'loop', path: 'camera-dock', framesPerSecond: 3 },
  'camera-gate': { type: 'loop', path: 'camera-gate', framesPerSecond: 3 },
  dropped: { type: 'folder', path: 'dropped' },
} as const;

export interface DemoFeeder {
  stop(): Promise<void>;
}

/**
 * Draws the demo in a thread of its own, so that the hub in this process keeps its pace: two camera clips, then a shop
 * floor scene into the `dropped` folder every few seconds.
 */
export function startDemoFeeder(sourcesDir: string, onError: (error: Error) => void): DemoFeeder {
  const worker = new Worker(new URL('./demo-feeder-worker.ts', import.meta.url), { workerData: { sourcesDir } });
  worker.on('error', onError);
  return {
    stop: async () => {
      await worker.terminate();
    },
  };
}

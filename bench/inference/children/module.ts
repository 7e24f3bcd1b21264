import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { frameDetectionsSchema } from '@edgeveil/contracts';
import { FileStore, Keyring } from '@edgeveil/frame-store';
import { inference } from '@edgeveil/inference';
import { runModule } from '@edgeveil/module-kit';
import { FakeHub, FakeProcess } from '@edgeveil/module-kit/testing';
import { median } from '../../hub/median.ts';
import { peakMemory } from '../../peak-memory.ts';
import { openFramePutter, removeDetections } from '../frame-store.ts';
import type { Measurement, Task } from '../task.ts';
import { answer } from './answer.ts';

const LOOP_RESOLUTION_MS = 1;
const POLL_MS = 50;
/** Frames before the clock runs: the sweep has read the metadata of all that wait by then, and code is compiled. */
const WARM_UP_FRAMES = 300;

/** The module as its main.ts runs it, with everything but the hub: that is in memory. */
async function startModule({ storeDir, modelFile, threads, sessions }: Task) {
  const stateDir = join(storeDir, 'state');
  await mkdir(stateDir, { recursive: true });
  const host = new FakeProcess({
    EdgeHubConnectionString: 'HostName=h;DeviceId=d;ModuleId=inference;SharedAccessKey=eA==',
    EDGEVEIL_STATE_DIR: stateDir,
    EDGEVEIL_HTTP_PORT: '0',
    EDGEVEIL_HTTP_HOST: '127.0.0.1',
    EDGEVEIL_FRAMES_DIR: join(storeDir, 'frames'),
    EDGEVEIL_KEY_FILE: join(storeDir, 'key.json'),
    EDGEVEIL_MODELS_DIR: dirname(modelFile),
  });
  const hub = new FakeHub({
    desired: {
      model: { package: modelFile.slice(dirname(modelFile).length + 1) },
      executionProviders: ['cpu'],
      ...(threads === 0 ? {} : { threads }),
      ...(sessions === 0 ? {} : { sessions }),
    },
  });
  let onDetections = (): void => {};
  hub.onSend = ({ output }) => {
    if (output === 'detections') {
      // The hub in memory keeps all that it is sent, which is not the module's to answer for.
      hub.sent.splice(0);
      onDetections();
    }
  };
  const running = runModule(host, inference, { connect: hub.connect });
  return {
    hub,
    listen: (listener: () => void) => {
      onDetections = listener;
    },
    stop: async (): Promise<void> => {
      host.emit('SIGTERM');
      await running;
    },
  };
}

/** Frames with detections. Counted in their store: messages are hints, of which some are dropped when they are large. */
async function countDetections(storeDir: string): Promise<number> {
  return readdir(join(storeDir, 'frames', 'detections', 'items')).then(
    (names) => names.length,
    () => 0,
  );
}

/** All frames of the store, found by the sweep. */
async function measureBacklog(task: Task): Promise<Measurement> {
  await removeDetections(task.storeDir);
  const module = await startModule(task);
  while ((await countDetections(task.storeDir)) < WARM_UP_FRAMES) {
    await delay(POLL_MS);
  }
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  loop.enable();
  const [first, begun, cpu] = [await countDetections(task.storeDir), performance.now(), process.cpuUsage()];
  await delay(task.measureMs);
  const [last, ended] = [await countDetections(task.storeDir), performance.now()];
  const { user, system } = process.cpuUsage(cpu);
  loop.disable();
  const peakBytes = await peakMemory(process.pid);
  const residentBytes = process.memoryUsage.rss();
  await module.stop();
  return {
    framesPerSecond: ((last - first) * 1000) / (ended - begun),
    cpuMs: (user + system) / 1000 / (last - first),
    found: await meanFound(task.storeDir),
    loopMaxMs: loop.max / 1e6 - LOOP_RESOLUTION_MS,
    loopP99Ms: loop.percentile(99) / 1e6 - LOOP_RESOLUTION_MS,
    peakBytes,
    residentBytes,
  };
}

async function meanFound(storeDir: string): Promise<number> {
  const keyring = await Keyring.open(join(storeDir, 'key.json'));
  const store = await FileStore.open({ dir: join(storeDir, 'frames', 'detections'), keyring });
  let [frames, found] = [0, 0];
  for await (const id of store.pending()) {
    found += frameDetectionsSchema.parse(await store.readMeta(id)).detections.length;
    frames += 1;
  }
  await store.close();
  return found / frames;
}

/** Frames announced one at a time, to a module that has nothing else to do. */
async function measureLatency(task: Task): Promise<number> {
  const storeDir = join(task.storeDir, 'singles');
  await mkdir(storeDir, { recursive: true });
  const putter = await openFramePutter(storeDir, task.pictures);
  const module = await startModule({ ...task, storeDir });
  const warmUp = task.singles >> 2;
  const times: number[] = [];
  for (let index = 0; index < warmUp + task.singles; index += 1) {
    const frame = await putter.put(index);
    const { promise, resolve } = Promise.withResolvers<void>();
    module.listen(resolve);
    const begun = performance.now();
    module.hub.deliver('frames', { frames: [frame] });
    await promise;
    times.push(performance.now() - begun);
  }
  await module.stop();
  await putter.close();
  await rm(storeDir, { recursive: true });
  return median(times.slice(warmUp));
}

await answer(async (task) => {
  const backlog = await measureBacklog(task);
  return task.singles === 0 ? backlog : { ...backlog, latencyMs: await measureLatency(task) };
});

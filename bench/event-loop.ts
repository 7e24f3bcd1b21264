// How long inference holds up its event loop while frames flow and a model is swapped: `node bench/event-loop.ts [frames]`.
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Frame, inferenceTwinSchema } from '@edgeveil/contracts';
import { FileStore, Keyring } from '@edgeveil/frame-store';
import { BUNDLED_MODELS_DIR, inference } from '@edgeveil/inference';
import { createFakeContext } from '@edgeveil/module-kit/testing';
import { drawScenes } from './scenes.ts';

const COUNT = Number(process.argv[2] ?? 200);

const dir = await mkdtemp(join(tmpdir(), 'edgeveil-event-loop-'));
try {
  const scenes = await drawScenes(Math.min(COUNT, 50));
  const keyring = await Keyring.open(join(dir, 'key.json'));
  const frames = await FileStore.open({ dir: join(dir, 'frames/frames'), keyring });
  const detections = await FileStore.open({ dir: join(dir, 'frames/detections'), keyring });
  for (let index = 0; index < COUNT; index += 1) {
    const bytes = scenes[index % scenes.length] ?? Buffer.alloc(0);
    const time = Date.now() + index;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const id = `${time.toString(36).padStart(9, '0')}-${sha256.slice(0, 24)}`;
    const frame: Frame = {
      id,
      source: `camera-${index % 4}`,
      guarantee: 'guaranteed',
      capturedAt: new Date(time).toISOString(),
      format: 'jpeg',
      width: 1280,
      height: 720,
      bytes: bytes.length,
      sha256,
    };
    await frames.put({ id, meta: frame, payload: Buffer.from(bytes) });
  }
  // The same model under another name, to swap to in the middle.
  const other = join(dir, 'models/other');
  await cp(join(BUNDLED_MODELS_DIR, 'demo-scenes'), other, { recursive: true });
  const description = JSON.parse(await readFile(join(other, 'model.json'), 'utf8')) as object;
  await writeFile(join(other, 'model.json'), JSON.stringify({ ...description, name: 'other' }));

  const twin = (name: string) => inferenceTwinSchema.parse({ model: { package: name }, executionProviders: ['cpu'] });
  const done = Promise.withResolvers<void>();
  const half = Promise.withResolvers<void>();
  let count = 0;
  const fake = createFakeContext({
    twin: twin('demo-scenes'),
    stateDir: join(dir),
    environment: {
      PATH: process.env.PATH,
      EDGEVEIL_FRAMES_DIR: join(dir, 'frames'),
      EDGEVEIL_KEY_FILE: join(dir, 'key.json'),
      EDGEVEIL_MODELS_DIR: join(dir, 'models'),
    },
    onSend: (name) => {
      count += name === 'detections' ? 1 : 0;
      if (count >= COUNT / 2) half.resolve();
      if (count >= COUNT) done.resolve();
    },
  });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const running = await inference.start(fake.context);
  // Not what starting costs: the compilation of every module in it.
  delay.enable();
  // What a turn of the loop costs in processor time: the clock also counts when the thread has to wait for a processor.
  let longestTurnMs = 0;
  let cpuBefore = process.threadCpuUsage();
  const turns = setInterval(() => {
    const used = process.threadCpuUsage(cpuBefore);
    cpuBefore = process.threadCpuUsage();
    longestTurnMs = Math.max(longestTurnMs, (used.user + used.system) / 1000);
  }, 1);
  const startedAt = performance.now();
  const before = performance.eventLoopUtilization();
  await half.promise;
  await running.apply(twin('other'));
  await done.promise;
  delay.disable();
  clearInterval(turns);
  const seconds = (performance.now() - startedAt) / 1000;
  const { utilization } = performance.eventLoopUtilization(before);
  const ms = (nanoseconds: number): string => (nanoseconds / 1e6).toFixed(1);
  console.log(`${COUNT} frames of 1280x720 in ${seconds.toFixed(1)} s, one swap of the model in the middle`);
  console.log(
    `event loop held up: median ${ms(delay.percentile(50))} ms, 99 % ${ms(delay.percentile(99))} ms, longest ${ms(delay.max)} ms; longest turn in processor time ${longestTurnMs.toFixed(1)} ms; busy ${Math.round(utilization * 100)} % of the time`,
  );
  fake.stop();
  await running.drain(AbortSignal.timeout(10_000));
  await running.close();
  await Promise.all([frames.close(), detections.close()]);
} finally {
  await rm(dir, { recursive: true });
}

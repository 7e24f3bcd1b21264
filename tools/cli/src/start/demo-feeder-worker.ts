import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { generateClip, generateScene, type SceneKind } from '@edgeveil/demo';
import { writeWhole } from '../write-whole.ts';

const CLIP_FRAMES = 60;
const DROP_EVERY_MS = 2000;
/** The folder is not filled further while this many wait: a stopped suite must not find thousands at its next start. */
const MAX_WAITING = 20;

const { sourcesDir } = workerData as { readonly sourcesDir: string };

async function* clipFrames(folder: string, kind: SceneKind, seed: number): AsyncGenerator<void> {
  const dir = join(sourcesDir, folder);
  await mkdir(dir, { recursive: true });
  if ((await readdir(dir)).filter((name) => name.endsWith('.jpg')).length >= CLIP_FRAMES) return;
  let index = 0;
  for await (const { jpeg } of generateClip({ kind, seed, frameCount: CLIP_FRAMES })) {
    await writeWhole(join(dir, `${String(index).padStart(4, '0')}.jpg`), jpeg);
    index += 1;
    yield;
  }
}

const dropped = join(sourcesDir, 'dropped');
await mkdir(dropped, { recursive: true });

async function dropScene(number: number): Promise<void> {
  const { jpeg } = await generateScene({ kind: 'shop-floor', seed: number });
  await writeWhole(join(dropped, `scene-${number}-${Date.now()}.jpg`), jpeg);
}

// One picture of each first: something is to be seen at once.
await dropScene(1);
const clips = [clipFrames('camera-dock', 'loading-dock', 11), clipFrames('camera-gate', 'gate', 12)];
for (let done = 0; done < clips.length; ) {
  done = 0;
  for (const clip of clips) if ((await clip.next()).done) done += 1;
}
for (let number = 2; existsSync(sourcesDir); number += 1) {
  await sleep(DROP_EVERY_MS);
  if ((await readdir(dropped)).length < MAX_WAITING) await dropScene(number);
}

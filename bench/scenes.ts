import { generateScene, SCENE_KINDS } from '@edgeveil/demo';

const FIRST_SEED = 2000;

/** Demo scenes that neither the model nor a test has seen, as JPEG files. */
export async function drawScenes(count: number): Promise<Buffer[]> {
  const scenes: Buffer[] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + count; seed += 1) {
    const kind = SCENE_KINDS[seed % SCENE_KINDS.length] ?? 'gate';
    scenes.push((await generateScene({ kind, seed })).jpeg);
  }
  return scenes;
}

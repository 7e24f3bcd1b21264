import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generateScene } from './generate-scene.ts';
import { SCENE_KINDS, type SceneKind } from './scene-plan.ts';

export interface WriteScenesOptions {
  readonly count: number;
  /** The first seed; scene `i` has seed `seed + i`. */
  readonly seed: number;
  /** Created where absent. */
  readonly directory: string;
  /** One kind only; otherwise the kind goes by the seed, see {@link kindOf}. */
  readonly kind?: SceneKind | undefined;
  /** Also writes NAME.json with the truth. */
  readonly truth?: boolean;
}

/** The kind that a seed stands for wherever no kind is named. */
export function kindOf(seed: number): SceneKind {
  return SCENE_KINDS[((seed % SCENE_KINDS.length) + SCENE_KINDS.length) % SCENE_KINDS.length] ?? SCENE_KINDS[0];
}

/** The name of a scene's files, without their ending: sorts by seed. */
export function nameOf(kind: SceneKind, seed: number): string {
  return `${String(seed).padStart(6, '0')}-${kind}`;
}

/**
 * Writes scenes to a folder, one after the other; returns their paths. A picture appears under its name only when it is
 * whole, and after its truth, so that a folder that is being watched may be the target.
 */
export async function writeScenes(options: WriteScenesOptions): Promise<string[]> {
  await mkdir(options.directory, { recursive: true });
  const written: string[] = [];
  for (let seed = options.seed; seed < options.seed + options.count; seed++) {
    const kind = options.kind ?? kindOf(seed);
    const { jpeg, truth } = await generateScene({ kind, seed });
    const base = path.join(options.directory, nameOf(kind, seed));
    if (options.truth) await writeFile(`${base}.json`, `${JSON.stringify({ kind, seed, ...truth })}\n`);
    await writeFile(`${base}.jpg.part`, jpeg);
    await rename(`${base}.jpg.part`, `${base}.jpg`);
    written.push(`${base}.jpg`);
  }
  return written;
}

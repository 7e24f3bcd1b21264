import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileStore, Keyring } from '@edgeveil/frame-store';
import type { TestSuite } from './test-suite.ts';

/** Time in which the last item's settling, which follows its upload, must have happened. */
const SETTLE_MS = 30_000;

/** Everything that still waits or was quarantined in any store of the suite, and files left in its source folder. */
export async function leftovers(suite: TestSuite, patienceMs = SETTLE_MS): Promise<string[]> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const left = await find(suite);
    if (left.length === 0 || performance.now() >= end) return left;
    await sleep(500);
  }
}

async function find({ stateDir, sourcesDir }: TestSuite): Promise<string[]> {
  const volumes = join(stateDir, 'edge', 'volumes');
  const keyring = await Keyring.open(join(volumes, 'edgeveil-keys', 'store.key'));
  const stores = {
    frames: join(volumes, 'edgeveil-frames', 'frames'),
    detections: join(volumes, 'edgeveil-frames', 'detections'),
    evidence: join(volumes, 'edgeveil-evidence'),
    spool: join(volumes, 'edgeveil-uploader-state', 'spool', 'files'),
  };
  const left: string[] = [];
  for (const [name, dir] of Object.entries(stores)) {
    const store = await FileStore.open({ dir, keyring });
    for await (const id of store.pending()) left.push(`${name}: ${id}`);
    for await (const { id, reason } of store.quarantined()) left.push(`${name} quarantine: ${id} ${reason.code}`);
    await store.close();
  }
  for (const entry of await readdir(sourcesDir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) left.push(`source: ${entry.name}`);
  }
  return left;
}

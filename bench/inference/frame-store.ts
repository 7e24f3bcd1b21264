import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frame } from '@edgeveil/contracts';
import { FileStore, Keyring } from '@edgeveil/frame-store';

const FIRST_TIME = Date.parse('2026-01-31T10:00:00.000Z');
const SOURCES = 4;

/** Puts frames into a sealed store as ingest does, and answers what messages would announce. */
export interface FramePutter {
  put(index: number): Promise<Frame>;
  close(): Promise<void>;
}

/** @param pictures JPEG files of 1080p, taken in turn */
export async function openFramePutter(storeDir: string, pictures: readonly string[]): Promise<FramePutter> {
  const keyring = await Keyring.open(join(storeDir, 'key.json'));
  const store = await FileStore.open({ dir: join(storeDir, 'frames', 'frames'), keyring });
  const contents = await Promise.all(pictures.map((file) => readFile(file)));
  const hashes = contents.map((bytes) => createHash('sha256').update(bytes).digest('hex'));
  return {
    async put(index) {
      const payload = contents[index % contents.length] ?? Buffer.alloc(0);
      const sha256 = hashes[index % contents.length] ?? '';
      const time = FIRST_TIME + index;
      const frame: Frame = {
        id: `${time.toString(36).padStart(9, '0')}-${sha256.slice(0, 24)}`,
        source: `camera-${index % SOURCES}`,
        guarantee: 'guaranteed',
        capturedAt: new Date(time).toISOString(),
        format: 'jpeg',
        width: 1920,
        height: 1080,
        bytes: payload.length,
        sha256,
      };
      await store.put({ id: frame.id, meta: frame, payload }, { durable: false });
      return frame;
    },
    close: () => store.close(),
  };
}

/** Takes away what a contestant has left beside the frames. */
export async function removeDetections(storeDir: string): Promise<void> {
  await rm(join(storeDir, 'frames', 'detections'), { recursive: true, force: true });
  await rm(join(storeDir, 'state'), { recursive: true, force: true });
}

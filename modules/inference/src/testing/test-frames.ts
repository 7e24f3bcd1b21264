import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Frame, Guarantee } from '@edgeveil/contracts';
import { FileStore, Keyring } from '@edgeveil/frame-store';
import { StoredFrameFiles } from '../frame-files/stored-frame-files.ts';
import { type Patch, pngWith } from './test-pictures.ts';

/** The two stores as ingest, inference and redact share them. */
export interface TestStores {
  readonly frames: FileStore;
  readonly detections: FileStore;
}

export async function openTestStores(dir: string): Promise<TestStores> {
  const keyring = await Keyring.open(join(dir, 'key.json'));
  return {
    frames: await FileStore.open({ dir: join(dir, 'frames', 'frames'), keyring }),
    detections: await FileStore.open({ dir: join(dir, 'frames', 'detections'), keyring }),
  };
}

/** What one process of inference does with the stores, on this thread. */
export function openTestFiles({ frames, detections }: TestStores, instance = 'test'): StoredFrameFiles {
  return new StoredFrameFiles({ frames, detections, owner: 'inference', instance });
}

export interface TestFrameOptions {
  readonly source?: string;
  readonly guarantee?: Guarantee;
  readonly patches?: readonly Patch[];
  /** In place of a picture of 64x64 pixels with the patches. */
  readonly bytes?: Buffer;
}

let lastTime = Date.parse('2026-01-31T10:00:00.000Z');

/** Puts a frame into the store as ingest does. Each is a second later than the one before. */
export async function putFrame({ frames }: TestStores, options: TestFrameOptions = {}): Promise<Frame> {
  lastTime += 1000;
  const time = lastTime;
  const bytes = options.bytes ?? (await pngWith(64, 64, options.patches ?? []));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const frame: Frame = {
    id: `${time.toString(36).padStart(9, '0')}-${sha256.slice(0, 24)}`,
    source: options.source ?? 'gate',
    guarantee: options.guarantee ?? 'guaranteed',
    capturedAt: new Date(time).toISOString(),
    format: 'png',
    width: 64,
    height: 64,
    bytes: bytes.length,
    sha256,
  };
  await frames.put({ id: frame.id, meta: frame, payload: bytes });
  return frame;
}

import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Detection,
  type Frame,
  type FrameDetections,
  type RedactTwin,
  redactTwinSchema,
} from '@edgeveil/contracts';
import { FileStore, Keyring } from '@edgeveil/frame-store';
import { encodeJpeg } from '@edgeveil/picture-codec';
import type { RedactConfig } from './config.ts';
import { face, landscape, MODEL } from './test-scenes.ts';

/** Volumes of a site in a temporary folder, with the stores opened as ingest, inference and uploader would. */
export interface TestSite extends RedactConfig {
  readonly root: string;
  readonly stateDir: string;
  readonly frames: FileStore;
  readonly detections: FileStore;
  readonly evidence: FileStore;
  remove(): Promise<void>;
}

export async function createSite(): Promise<TestSite> {
  const root = await mkdtemp(join(tmpdir(), 'edgeveil-redact-'));
  const config = { framesDir: join(root, 'frames'), evidenceDir: join(root, 'evidence'), keyFile: join(root, 'keys') };
  const keyring = await Keyring.open(config.keyFile);
  return {
    ...config,
    root,
    stateDir: root,
    frames: await FileStore.open({ dir: join(config.framesDir, 'frames'), keyring }),
    detections: await FileStore.open({ dir: join(config.framesDir, 'detections'), keyring }),
    evidence: await FileStore.open({ dir: config.evidenceDir, keyring }),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

export interface FrameOptions {
  readonly detections?: readonly Detection[];
  readonly labels?: readonly string[];
  readonly source?: string;
  readonly capturedAt?: string;
  readonly inferredAt?: string;
  readonly model?: string;
  /** The picture, when it is not to be a landscape of 96×64. */
  readonly bytes?: Buffer;
}

/** A frame of its own for each number, with what inference says about it. */
export async function makeFrame(
  number: number,
  options: FrameOptions = {},
): Promise<{ result: FrameDetections; bytes: Buffer }> {
  const { source = 'gate', capturedAt = '2026-01-31T10:00:00.000Z', detections = [face([20, 16, 24, 24])] } = options;
  const bytes = options.bytes ?? (await encodeJpeg(landscape(96, 64), { quality: 90 }));
  const hash = createHash('sha256').update(`${source} ${number}`).digest('hex').slice(0, 24);
  const frame: Frame = {
    id: `${Date.parse(capturedAt).toString(36).padStart(9, '0')}-${hash}`,
    source,
    guarantee: 'guaranteed',
    capturedAt,
    format: 'jpeg',
    width: 96,
    height: 64,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  const result: FrameDetections = {
    frame,
    model: {
      ...MODEL,
      name: options.model ?? MODEL.name,
      sha256: createHash('sha256')
        .update(options.model ?? '')
        .digest('hex'),
    },
    labels: options.labels ?? ['face', 'plate', 'person'],
    detections,
    inferredAt: options.inferredAt ?? '2026-01-31T10:00:01.000Z',
  };
  return { result, bytes };
}

/** Puts the frame and its detections into their stores; its id. */
export async function putFrame(site: TestSite, number: number, options: FrameOptions = {}): Promise<string> {
  const { result, bytes } = await makeFrame(number, options);
  const { id } = result.frame;
  await site.frames.put({ id, meta: result.frame, payload: bytes });
  await putDetections(site, result);
  return id;
}

export async function putDetections(site: TestSite, result: FrameDetections): Promise<void> {
  await site.detections.put({ id: result.frame.id, meta: result, payload: Buffer.alloc(0) });
}

export function twinOf(overrides: Readonly<Record<string, unknown>> = {}): RedactTwin {
  return redactTwinSchema.parse({ policy: { labels: ['face'] }, ...overrides });
}

export async function pendingIds(store: FileStore): Promise<string[]> {
  return collect(store.pending());
}

export async function quarantineCodes(store: FileStore): Promise<Record<string, string>> {
  const items = await collect(store.quarantined());
  return Object.fromEntries(items.map(({ id, reason }) => [id, reason.code]));
}

/** Files below the frame volume that are neither keys nor quarantine: what a frame at its end must not leave. */
export async function leftOvers(site: TestSite): Promise<string[]> {
  // An open store has one file for all its claims; a store that was closed makes it anew when it is used again.
  await Promise.all([site.frames.close(), site.detections.close()]);
  const entries = await readdir(site.framesDir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('quarantine'))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function collect<Item>(source: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of source) items.push(item);
  return items;
}

import { join } from 'node:path';
import { FileStore, Keyring } from '@edgeveil/frame-store';
import type { RedactConfig } from './config.ts';

export interface RedactStores {
  readonly frames: FileStore;
  readonly detections: FileStore;
  readonly evidence: FileStore;
  close(): Promise<void>;
}

/** Opens the stores that redact takes from and gives to. All are sealed with keys of one key file. */
export async function openStores({ framesDir, evidenceDir, keyFile }: RedactConfig): Promise<RedactStores> {
  const keyring = await Keyring.open(keyFile);
  const frames = await FileStore.open({ dir: join(framesDir, 'frames'), keyring });
  const detections = await FileStore.open({ dir: join(framesDir, 'detections'), keyring });
  const evidence = await FileStore.open({ dir: evidenceDir, keyring });
  const close = async (): Promise<void> => {
    await Promise.all([frames, detections, evidence].map((store) => store.close()));
  };
  return { frames, detections, evidence, close };
}

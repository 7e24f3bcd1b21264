import { join } from 'node:path';
import { parseEnvironment } from '@edgeveil/module-kit';
import { z } from 'zod';

const environmentSchema = z.object({
  /** Volume shared with inference and redact. */
  EDGEVEIL_FRAMES_DIR: z.string().min(1),
  /** Key file shared by all modules that open a store. */
  EDGEVEIL_KEY_FILE: z.string().min(1),
  /** Volume that every source's path lies below. */
  EDGEVEIL_SOURCES_DIR: z.string().min(1),
});

/** What ingest takes from its environment; everything else is its twin (`ingestTwinSchema` in contracts). */
export interface IngestConfig {
  readonly framesDir: string;
  readonly keyFile: string;
  readonly sourcesDir: string;
}

/** @throws ConfigError `ENVIRONMENT_INVALID` naming each variable */
export function readIngestConfig(environment: Readonly<Record<string, string | undefined>>): IngestConfig {
  const parsed = parseEnvironment(environmentSchema, environment);
  return {
    framesDir: join(parsed.EDGEVEIL_FRAMES_DIR, 'frames'),
    keyFile: parsed.EDGEVEIL_KEY_FILE,
    sourcesDir: parsed.EDGEVEIL_SOURCES_DIR,
  };
}

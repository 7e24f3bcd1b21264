import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
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
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): IngestConfig {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new ConfigError('ENVIRONMENT_INVALID', problems.join('; '), { details: { problems } });
  }
  return {
    framesDir: join(parsed.data.EDGEVEIL_FRAMES_DIR, 'frames'),
    keyFile: parsed.data.EDGEVEIL_KEY_FILE,
    sourcesDir: parsed.data.EDGEVEIL_SOURCES_DIR,
  };
}

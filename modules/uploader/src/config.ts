import { parseEnvironment } from '@edgeveil/module-kit';
import { z } from 'zod';

const environmentSchema = z.object({
  EDGEVEIL_EVIDENCE_DIR: z.string().min(1),
  EDGEVEIL_KEY_FILE: z.string().min(1),
  // Optional: without credentials the module still takes evidence into its spool
  EDGEVEIL_STORAGE_CONNECTION_STRING: z.string().optional(),
});

/** What the uploader takes from its environment. */
export interface UploaderConfig {
  readonly evidenceDir: string;
  readonly keyFile: string;
  /** A secret: never in a log, a twin or an error. */
  readonly storageConnectionString: string | undefined;
}

/** @throws ConfigError `ENVIRONMENT_INVALID` naming each variable */
export function readUploaderConfig(environment: Readonly<Record<string, string | undefined>>): UploaderConfig {
  const parsed = parseEnvironment(environmentSchema, environment);
  return {
    evidenceDir: parsed.EDGEVEIL_EVIDENCE_DIR,
    keyFile: parsed.EDGEVEIL_KEY_FILE,
    storageConnectionString: parsed.EDGEVEIL_STORAGE_CONNECTION_STRING,
  };
}

import { ConfigError } from '@edgeveil/contracts';
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

/** @throws ConfigError `UPLOADER_ENVIRONMENT_INVALID`, with the names of the variables. */
export function readUploaderConfig(environment: Readonly<Record<string, string | undefined>>): UploaderConfig {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => path.join('.'));
    throw new ConfigError('UPLOADER_ENVIRONMENT_INVALID', `not set in the environment: ${names.join(', ')}`, {
      details: { names },
    });
  }
  return {
    evidenceDir: parsed.data.EDGEVEIL_EVIDENCE_DIR,
    keyFile: parsed.data.EDGEVEIL_KEY_FILE,
    storageConnectionString: parsed.data.EDGEVEIL_STORAGE_CONNECTION_STRING,
  };
}

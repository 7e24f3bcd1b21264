import { ConfigError } from '@edgeveil/contracts';
import { z } from 'zod';

const environmentSchema = z.object({
  EDGEVEIL_FRAMES_DIR: z.string().min(1),
  EDGEVEIL_EVIDENCE_DIR: z.string().min(1),
  EDGEVEIL_KEY_FILE: z.string().min(1),
});

/** What redact takes from its environment. */
export interface RedactConfig {
  readonly framesDir: string;
  readonly evidenceDir: string;
  readonly keyFile: string;
}

/** @throws ConfigError `REDACT_ENVIRONMENT_INVALID`, with the names of the variables. */
export function readRedactConfig(environment: Readonly<Record<string, string | undefined>>): RedactConfig {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => path.join('.'));
    throw new ConfigError('REDACT_ENVIRONMENT_INVALID', `not set in the environment: ${names.join(', ')}`, {
      details: { names },
    });
  }
  return {
    framesDir: parsed.data.EDGEVEIL_FRAMES_DIR,
    evidenceDir: parsed.data.EDGEVEIL_EVIDENCE_DIR,
    keyFile: parsed.data.EDGEVEIL_KEY_FILE,
  };
}

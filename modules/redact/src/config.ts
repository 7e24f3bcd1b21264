import { parseEnvironment } from '@edgeveil/module-kit';
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

/** @throws ConfigError `ENVIRONMENT_INVALID` naming each variable */
export function readRedactConfig(environment: Readonly<Record<string, string | undefined>>): RedactConfig {
  const parsed = parseEnvironment(environmentSchema, environment);
  return {
    framesDir: parsed.EDGEVEIL_FRAMES_DIR,
    evidenceDir: parsed.EDGEVEIL_EVIDENCE_DIR,
    keyFile: parsed.EDGEVEIL_KEY_FILE,
  };
}

import { parseEnvironment } from '@edgeveil/module-kit';
import { z } from 'zod';

const environmentSchema = z.object({
  EDGEVEIL_FRAMES_DIR: z.string().min(1),
  EDGEVEIL_KEY_FILE: z.string().min(1),
  EDGEVEIL_MODELS_DIR: z.string().min(1).optional(),
});

/** What inference takes from its environment. */
export interface InferenceConfig {
  readonly framesDir: string;
  readonly keyFile: string;
  /** Folder of model packages that were brought to the site; looked in before those of the image. */
  readonly modelsDir: string | undefined;
}

/** @throws ConfigError `ENVIRONMENT_INVALID` naming each variable */
export function readInferenceConfig(environment: Readonly<Record<string, string | undefined>>): InferenceConfig {
  const parsed = parseEnvironment(environmentSchema, environment);
  return {
    framesDir: parsed.EDGEVEIL_FRAMES_DIR,
    keyFile: parsed.EDGEVEIL_KEY_FILE,
    modelsDir: parsed.EDGEVEIL_MODELS_DIR,
  };
}

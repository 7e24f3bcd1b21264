import { parseEnvironment } from '@edgeveil/module-kit';
import { z } from 'zod';

const environmentSchema = z.object({
  EDGEVEIL_FRAMES_DIR: z.string().min(1),
  EDGEVEIL_KEY_FILE: z.string().min(1),
  EDGEVEIL_MODELS_DIR: z.string().min(1).optional(),
  EDGEVEIL_HOST_ROOT: z.string().min(1).default('/'),
});

/** What inference takes from its environment. */
export interface InferenceConfig {
  readonly framesDir: string;
  readonly keyFile: string;
  /** Folder of model packages that were brought to the site; looked in before those of the image. */
  readonly modelsDir: string | undefined;
  /** Where device nodes and driver are looked for: `/`, but for hosts that mount their own elsewhere. */
  readonly hostRoot: string;
}

/** @throws ConfigError `ENVIRONMENT_INVALID` naming each variable */
export function readInferenceConfig(environment: Readonly<Record<string, string | undefined>>): InferenceConfig {
  const parsed = parseEnvironment(environmentSchema, environment);
  return {
    framesDir: parsed.EDGEVEIL_FRAMES_DIR,
    keyFile: parsed.EDGEVEIL_KEY_FILE,
    modelsDir: parsed.EDGEVEIL_MODELS_DIR,
    hostRoot: parsed.EDGEVEIL_HOST_ROOT,
  };
}

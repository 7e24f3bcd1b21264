import { ConfigError } from '@edgeveil/contracts';
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

/** @throws ConfigError `INFERENCE_ENVIRONMENT_INVALID`, with the names of the variables. */
export function readInferenceConfig(environment: Readonly<Record<string, string | undefined>>): InferenceConfig {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => path.join('.'));
    throw new ConfigError('INFERENCE_ENVIRONMENT_INVALID', `not set in the environment: ${names.join(', ')}`, {
      details: { names },
    });
  }
  return {
    framesDir: parsed.data.EDGEVEIL_FRAMES_DIR,
    keyFile: parsed.data.EDGEVEIL_KEY_FILE,
    modelsDir: parsed.data.EDGEVEIL_MODELS_DIR,
  };
}

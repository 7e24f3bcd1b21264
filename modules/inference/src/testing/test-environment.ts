import { join } from 'node:path';

/** The variables by which the module finds its stores and models, all below one folder. */
export function testEnvironment(dir: string): Record<string, string> {
  return {
    EDGEVEIL_FRAMES_DIR: join(dir, 'frames'),
    EDGEVEIL_KEY_FILE: join(dir, 'key.json'),
    EDGEVEIL_MODELS_DIR: join(dir, 'models'),
  };
}

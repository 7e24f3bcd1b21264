import { resolve } from 'node:path';
import { Detector } from '@edgeveil/inference';
import type { CliContext } from './cli-context.ts';

/**
 * Opens the model named on the command line, or the bundled one.
 *
 * @throws ConfigError when it is missing, does not load, or its outputs are not recognised.
 */
export async function openDetector(model: string | undefined, context: CliContext): Promise<Detector> {
  if (model !== undefined) return Detector.open({ model: resolve(context.workingDir, model) });
  context.errors.write(
    'note: using the bundled model, which knows the drawn demo scenes only; bring your own with --model\n',
  );
  return Detector.open({ model: 'demo-scenes' });
}

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds `modules/` and the deployment templates. */
export const REPO_DIR = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

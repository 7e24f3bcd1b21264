import { basename, dirname, join } from 'node:path';
import type { ImageTarget } from './module-images.ts';

/** Where the tools put what they build: `config/deployment[.debug].<platform>.json` beside `deployment[.debug].template.json`. */
export function builtManifestPath(template: string, { platform, isDebug }: ImageTarget): string {
  const name = basename(template).replace(/(?:\.template)?\.json$/i, '');
  const suffix = isDebug && !name.endsWith('.debug') ? '.debug' : '';
  return join(dirname(template), 'config', `${name}${suffix}.${platform}.json`);
}

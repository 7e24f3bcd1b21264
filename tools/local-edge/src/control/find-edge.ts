import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

// Where `edgeveil run` and `edgeveil start` keep what they know, below a working folder.
const usualPlaces = [join('.edgeveil', 'run'), join('.edgeveil', 'start', 'edge')];

/**
 * The state folders in which a running edge is looked for, the likeliest first: the one that is named, or else the usual ones of the working
 * folder, or of the nearest folder above it that has one.
 */
export function stateDirs(workingDir: string, named?: string): readonly string[] {
  if (named !== undefined) return [resolve(workingDir, named)];
  for (let dir = resolve(workingDir); ; dir = dirname(dir)) {
    const found = usualPlaces.map((place) => join(dir, place)).filter((path) => existsSync(path));
    if (found.length > 0) return found;
    if (dir === dirname(dir)) return [resolve(workingDir, usualPlaces[0] ?? '')];
  }
}

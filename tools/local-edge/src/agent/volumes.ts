import { mkdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Bind } from '../manifest/deployment.ts';

/** A folder of this machine in place of one in a container. */
export interface Mount {
  readonly target: string;
  readonly hostPath: string;
}

/** Where a module's binds lie on this machine: named volumes under `volumesDir`, paths where they are. Makes what is not there. */
export async function prepareMounts(binds: readonly Bind[], volumesDir: string): Promise<Mount[]> {
  const mounts = binds.map(({ source, target }) => ({
    target: posix.normalize(target).replace(/(.)\/$/, '$1'),
    hostPath: source.startsWith('/') ? source : join(volumesDir, source.replace(/[^\w.-]/g, '_')),
  }));
  await Promise.all(mounts.map(({ hostPath }) => mkdir(hostPath, { recursive: true })));
  return mounts;
}

/**
 * A process has no mount namespace of its own, so a path in a container means nothing to it: values of the environment that are a mount's
 * container path, or lie below one, are rewritten to the path on this machine.
 */
export function rewritePath(value: string, mounts: readonly Mount[]): string {
  const mount = mounts
    .filter(({ target }) => value === target || value.startsWith(target === '/' ? '/' : `${target}/`))
    .sort((a, b) => b.target.length - a.target.length)[0];
  return mount === undefined ? value : mount.hostPath + value.slice(mount.target === '/' ? 0 : mount.target.length);
}

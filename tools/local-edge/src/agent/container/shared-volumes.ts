import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModuleSpec } from '../../manifest/deployment.ts';
import type { JsonObject } from '../../twins/json-object.ts';

/**
 * Named volumes that modules of both kinds use: for those the container gets the folder that stands for the volume of a process, so that both
 * see the same files. Others are the engine's own, as on a device.
 * @returns the folder of each, made and open to any user of a container; the state folder above it keeps other people out
 */
export async function shareVolumes(process: ModuleSpec, volumesDir: string): Promise<ReadonlyMap<string, string>> {
  const folders = new Map<string, string>();
  for (const { source } of process.createOptions.binds) {
    if (source.startsWith('/')) continue;
    const folder = join(volumesDir, source.replace(/[^\w.-]/g, '_'));
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o777);
    folders.set(source, folder);
  }
  return folders;
}

/** `volume:/path[:mode]`, with the folder in place of a shared volume. */
export function sharedBind(bind: string, volumes: ReadonlyMap<string, string>): string {
  const end = bind.indexOf(':');
  const folder = end < 0 ? undefined : volumes.get(bind.slice(0, end));
  return folder === undefined ? bind : folder + bind.slice(end);
}

/** The same for an entry of `Mounts`. */
export function sharedMount(mount: JsonObject, volumes: ReadonlyMap<string, string>): JsonObject {
  const folder = typeof mount.Source === 'string' ? volumes.get(mount.Source) : undefined;
  if (folder === undefined) return mount;
  const { VolumeOptions: _, ...rest } = mount;
  return { ...rest, Type: 'bind', Source: folder };
}

import type Docker from 'dockerode';
import { type EdgeMark, moduleLabel } from './edge-labels.ts';
import { unlessDone } from './engine-error.ts';

/** Stops and removes all containers of an edge, and none of others. @returns the names of their modules */
export async function removeContainers(docker: Docker, mark: EdgeMark, graceMs: number): Promise<string[]> {
  const containers = await docker.listContainers({ all: true, filters: mark.filter });
  await Promise.all(
    containers.map(async ({ Id, State }) => {
      const container = docker.getContainer(Id);
      if (State === 'running') await container.stop({ t: Math.ceil(graceMs / 1000) }).catch(unlessDone);
      await container.remove({ force: true, v: true }).catch(unlessDone);
    }),
  );
  return containers.map(({ Labels }) => Labels[moduleLabel] ?? 'unknown').sort();
}

import type { Shutdown } from '../shutdown.ts';
import type { SocketFolder } from './socket-folder.ts';
import { listenWorkload, type WorkloadDevice } from './workload-server.ts';

export interface WorkloadIdentity {
  readonly moduleId: string;
  readonly generationId: string;
  readonly key: string;
}

/** Opens the workload socket of every module. @returns the URI of each, by module */
export async function startWorkloads(
  identities: readonly WorkloadIdentity[],
  device: WorkloadDevice,
  sockets: SocketFolder,
  shutdown: Shutdown,
): Promise<ReadonlyMap<string, string>> {
  const uris = new Map<string, string>();
  for (const identity of identities) {
    const path = sockets.path(identity.moduleId);
    const server = await listenWorkload(path, { ...device, ...identity });
    shutdown.add(() => server.close());
    uris.set(identity.moduleId, `unix://${path}`);
  }
  return uris;
}

import type { Shutdown } from '../shutdown.ts';
import type { SocketFolder } from './socket-folder.ts';
import { listenWorkload, type WorkloadDevice } from './workload-server.ts';

export interface WorkloadIdentity {
  readonly moduleId: string;
  readonly generationId: string;
  readonly key: string;
}

/** Opens a module's workload socket. @returns its URI */
export async function openWorkload(
  identity: WorkloadIdentity,
  device: WorkloadDevice,
  sockets: SocketFolder,
  shutdown: Shutdown,
): Promise<string> {
  const path = sockets.path(identity.moduleId);
  const server = await listenWorkload(path, { ...device, ...identity });
  shutdown.add(() => server.close());
  return `unix://${path}`;
}

import type Docker from 'dockerode';
import type { EdgeMark } from './edge-labels.ts';
import { engineMessage, engineStatus } from './engine-error.ts';

/** How containers reach the hub. */
export type ContainerNetwork =
  /** A bridge of the edge's own; `gateway` is this machine's address on it. */
  | { readonly kind: 'bridge'; readonly name: string; readonly gateway: string }
  /** The machine's network; `reason` says why it is not a bridge. */
  | { readonly kind: 'host'; readonly reason: string | undefined };

/** Makes the edge's network, or takes the one that an earlier run left. Where the engine makes none, it is the machine's. */
export async function openNetwork(docker: Docker, mark: EdgeMark): Promise<ContainerNetwork> {
  const name = mark.prefix;
  try {
    const gateway = (await gatewayOf(docker, name)) ?? (await create(docker, mark));
    if (gateway !== undefined) return { kind: 'bridge', name, gateway };
    return { kind: 'host', reason: 'the network that the engine made has no gateway' };
  } catch (error) {
    if (engineStatus(error) === undefined) throw error;
    return { kind: 'host', reason: engineMessage(error) };
  }
}

/** Removes the network; one that others use stays. */
export async function closeNetwork(docker: Docker, network: ContainerNetwork): Promise<void> {
  if (network.kind === 'host') return;
  await docker
    .getNetwork(network.name)
    .remove()
    .catch((error: unknown) => {
      if (engineStatus(error) === undefined) throw error;
    });
}

async function create(docker: Docker, mark: EdgeMark): Promise<string | undefined> {
  await docker.createNetwork({
    Name: mark.prefix,
    Driver: 'bridge',
    CheckDuplicate: true,
    Labels: { ...mark.labels },
  });
  return gatewayOf(docker, mark.prefix);
}

async function gatewayOf(docker: Docker, name: string): Promise<string | undefined> {
  try {
    const { IPAM } = await docker.getNetwork(name).inspect();
    // The IPv4 one, where there is one for each family.
    return IPAM?.Config?.map((config) => config.Gateway?.split('/')[0]).find((gateway) => gateway?.includes('.'));
  } catch (error) {
    if (engineStatus(error) === 404) return undefined;
    throw error;
  }
}

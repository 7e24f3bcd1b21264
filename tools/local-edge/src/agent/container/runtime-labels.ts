import type Docker from 'dockerode';

const ownerLabel = 'net.azure-devices.edge.owner';
const owner = 'Microsoft.Azure.Devices.Edge.Agent';

/**
 * The label by which tools find the modules of a device. A real IoT Edge runtime on the same engine would take containers that bear it for
 * its own and remove them, so there it is left out.
 */
export async function runtimeLabels(docker: Docker): Promise<Readonly<Record<string, string>>> {
  const agents = await docker.listContainers({ all: true, filters: { name: ['^/edgeAgent$'] } });
  return agents.length > 0 ? {} : { [ownerLabel]: owner };
}

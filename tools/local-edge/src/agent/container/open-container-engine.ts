import { isIP } from 'node:net';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import Docker from 'dockerode';
import type { EdgeEmitter } from '../../events.ts';
import { moduleEnvironment } from '../module-environment.ts';
import type { ContainerEngine } from './container-engine.ts';
import { containerLauncher } from './container-launcher.ts';
import { type ContainerNetwork, closeNetwork, openNetwork } from './container-network.ts';
import { socketInContainer } from './container-options.ts';
import type { ContainerSettings } from './container-settings.ts';
import { edgeMark } from './edge-labels.ts';
import { describeAddress, engineAddress } from './engine-address.ts';
import { engineMessage } from './engine-error.ts';
import { prepareImage } from './images/prepare-image.ts';
import { registryCredentials } from './images/registry-credentials.ts';
import { withImage } from './images/template-image.ts';
import { removeContainers } from './remove-containers.ts';
import { runtimeLabels } from './runtime-labels.ts';
import { shareVolumes } from './shared-volumes.ts';

export interface ContainerEngineOptions {
  readonly settings: true | ContainerSettings;
  /** DOCKER_HOST is read from it, and what a module.json has variables for. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stateDir: string;
  /** Where `modules/<folder>/module.json` lies. */
  readonly repoDir: string;
  /** The hub's name, if it was given one. */
  readonly gatewayHostName: string | undefined;
  /** The manifest's `runtime` as it is now, with the credentials of registries. */
  readonly runtime: () => unknown;
  readonly stopGraceMs: number;
  readonly events: EdgeEmitter;
}

// edgeHub's own name, which its container has on a device.
const hubName = 'edgehub';

/**
 * Connects to the Docker engine, removes the containers that a killed runtime of the same state folder left, and makes the edge's network. The
 * engine has to run on this machine: modules reach the runtime through sockets that are mounted into them.
 * @throws ConfigError EDGE_ENGINE_UNAVAILABLE when no engine answers
 */
export async function openContainerEngine(options: ContainerEngineOptions): Promise<ContainerEngine> {
  const { events, stateDir } = options;
  const settings = options.settings === true ? {} : options.settings;
  const docker = await connect(settings.host ?? options.environment.DOCKER_HOST);
  const mark = edgeMark(stateDir);
  for (const module of await removeContainers(docker, mark, options.stopGraceMs)) {
    events.emit('warning', { message: 'removed a container that an earlier run left behind', details: { module } });
  }
  const network: ContainerNetwork =
    settings.network === 'host' ? { kind: 'host', reason: undefined } : await openNetwork(docker, mark);
  if (network.kind === 'host' && network.reason !== undefined) {
    const message = 'the engine makes no network for the modules, they share the network of this machine';
    events.emit('warning', { message, details: { reason: network.reason } });
  }
  const given = options.gatewayHostName;
  const gatewayHostName = given === undefined || isIP(given) !== 0 ? hubName : given;
  const labels = { ...mark.labels, ...(await runtimeLabels(docker)) };
  const sharedVolumes = new Map<string, string>();

  return {
    gatewayHostName,
    bridgeAddress: network.kind === 'bridge' ? network.gateway : undefined,
    async prepareImage(given) {
      const spec = await withImage(docker, given, options);
      await prepareImage(docker, spec, {
        pull: settings.pull ?? false,
        credentials: registryCredentials(options.runtime()),
        onNote: (text) => events.emit('log', { module: spec.name, stream: 'stderr', text, at: new Date() }),
      });
      return spec;
    },
    async shareVolumes(spec) {
      for (const [name, folder] of await shareVolumes(spec, join(stateDir, 'volumes'))) sharedVolumes.set(name, folder);
    },
    launcher: ({ spec, identity, hubAddress, env, inspectPort }) => {
      const inContainer = { ...identity, workloadUri: `unix://${socketInContainer}`, gatewayHostName };
      return containerLauncher({
        docker,
        spec,
        containerName: `${mark.prefix}-${spec.name}`,
        frame: () => ({
          module: spec.name,
          image: spec.image,
          env: moduleEnvironment(spec, inContainer, [], {}, env),
          labels: { ...labels, 'net.azure-devices.edge.original-image': spec.image },
          socketPath: identity.workloadUri.replace(/^unix:\/\//, ''),
          network,
          gatewayHostName,
          hubAddress,
          sharedVolumes,
          inspectPort,
        }),
      });
    },
    async close() {
      try {
        await removeContainers(docker, mark, 0);
        await closeNetwork(docker, network);
      } catch (error) {
        const message = 'containers are left to be removed at the next start';
        events.emit('warning', { message, details: { reason: engineMessage(error) } });
      }
    },
  };
}

async function connect(host: string | undefined): Promise<Docker> {
  const address = engineAddress(host);
  // Everything is given, so that the client library does not look at the environment of this process itself.
  const docker = new Docker({
    socketPath: undefined,
    host: undefined,
    port: undefined,
    protocol: 'http',
    ca: undefined,
    cert: undefined,
    key: undefined,
    ...address,
  });
  try {
    await docker.ping();
    return docker;
  } catch (cause) {
    throw new ConfigError(
      'EDGE_ENGINE_UNAVAILABLE',
      `no Docker engine answers at ${describeAddress(address)}: ${engineMessage(cause)}`,
      { cause },
    );
  }
}

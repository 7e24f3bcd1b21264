import { chmod } from 'node:fs/promises';
import { ConfigError, TransientError } from '@edgeveil/contracts';
import type Docker from 'dockerode';
import { z } from 'zod';
import type { ModuleSpec } from '../../manifest/deployment.ts';
import type { ModuleLauncher, ModuleRun, OnLine } from '../module-run.ts';
import { type ContainerFrame, containerOptions } from './container-options.ts';
import { attachOutput } from './container-output.ts';
import { ContainerRun } from './container-run.ts';
import { engineMessage, engineStatus, unlessDone } from './engine-error.ts';
import { freePort } from './free-port.ts';
import { imageId, imageMissing } from './images/prepare-image.ts';

export interface ContainerLauncherOptions {
  readonly docker: Docker;
  readonly spec: ModuleSpec;
  readonly containerName: string;
  /** Asked for when the container is made. */
  readonly frame: () => ContainerFrame;
}

/**
 * Runs a module as a container. The container is made at the first start and started again after that, as on a device, so that what the module
 * has written beside its volumes outlives a restart; it is made anew when the image's name has come to mean another image, and when
 * somebody has removed it.
 */
export function containerLauncher(options: ContainerLauncherOptions): ModuleLauncher {
  const { docker, spec, containerName } = options;
  const container = docker.getContainer(containerName);
  return {
    async launch(onLine: OnLine): Promise<ModuleRun> {
      try {
        // The user of a container is any; other people of this machine are kept out by the folder.
        await chmod(options.frame().socketPath, 0o666);
        await makeContainer(options, onLine);
        return await startContainer(container, onLine);
      } catch (cause) {
        throw launchError(spec, cause);
      }
    },
    async remove() {
      await container.remove({ force: true, v: true }).catch(unlessDone);
    },
  };
}

async function makeContainer(
  { docker, spec, containerName, frame }: ContainerLauncherOptions,
  onLine: OnLine,
): Promise<void> {
  const image = await imageId(docker, spec.image);
  const container = docker.getContainer(containerName);
  const found = await container.inspect().catch(unlessDone);
  if (found !== undefined) {
    if (image === undefined || found.Image === image) return;
    onLine('stderr', `${spec.image} is another image than before, the container is made anew`);
    await container.remove({ force: true, v: true }).catch(unlessDone);
  }
  if (image === undefined) throw imageMissing(spec);
  const { create, connect } = containerOptions(spec.createOptionsDocument, await withPort(frame()));
  await docker.createContainer({ ...create, name: containerName });
  try {
    for (const { network, endpoint } of connect) {
      await docker.getNetwork(network).connect({ Container: containerName, EndpointConfig: endpoint });
    }
  } catch (error) {
    await container.remove({ force: true, v: true }).catch(() => undefined);
    throw error;
  }
}

// A port of 0 is chosen here, since an engine would choose one that Node in the container does not know of.
async function withPort(frame: ContainerFrame): Promise<ContainerFrame> {
  return frame.inspectPort === 0 ? { ...frame, inspectPort: await freePort() } : frame;
}

async function startContainer(container: Docker.Container, onLine: OnLine): Promise<ModuleRun> {
  const { Config, State } = await container.inspect();
  const isTerminal = Config.Tty === true;
  // Somebody may have started it by hand: then it is taken as it is.
  const output = await attachOutput(container, isTerminal, onLine);
  try {
    if (!State.Running) await container.start().catch(unlessDone);
  } catch (error) {
    output.close();
    throw error;
  }
  const test = Config.Healthcheck?.Test ?? [];
  const hasHealthcheck = test.length > 0 && test[0] !== 'NONE';
  return new ContainerRun({ container, output, isTerminal, hasHealthcheck, onLine });
}

function launchError(spec: ModuleSpec, cause: unknown): unknown {
  if (cause instanceof ConfigError) return cause;
  const details = { module: spec.name, image: spec.image };
  if (cause instanceof z.ZodError) {
    const message = `the create options of module '${spec.name}' are invalid: ${z.prettifyError(cause)}`;
    return new ConfigError('EDGE_MANIFEST_INVALID', message, { cause, details });
  }
  if (engineStatus(cause) === undefined) {
    const message = `module '${spec.name}' cannot be started, the container engine does not answer: ${engineMessage(cause)}`;
    return new TransientError('EDGE_ENGINE_LOST', message, { cause, details });
  }
  const message = `the container engine does not start module '${spec.name}': ${engineMessage(cause)}`;
  return new ConfigError('EDGE_CONTAINER_REFUSED', message, { cause, details });
}

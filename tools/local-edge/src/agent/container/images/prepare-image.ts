import { ConfigError } from '@edgeveil/contracts';
import type Docker from 'dockerode';
import type { ModuleSpec } from '../../../manifest/deployment.ts';
import { engineMessage, engineStatus } from '../engine-error.ts';
import { type Credentials, credentialsFor } from './registry-credentials.ts';

export interface ImageOptions {
  readonly pull: boolean;
  readonly credentials: readonly Credentials[];
  /** Something about a module's image, for people. */
  readonly onNote: (text: string) => void;
}

/**
 * Sees to it that the engine has a module's image.
 * @throws ConfigError EDGE_IMAGE_MISSING, EDGE_IMAGE_PULL_FAILED
 */
export async function prepareImage(
  docker: Docker,
  spec: ModuleSpec,
  { pull, credentials, onNote }: ImageOptions,
): Promise<void> {
  const isThere = (await imageId(docker, spec.image)) !== undefined;
  if (!pull || spec.imagePullPolicy === 'never') {
    if (!isThere) throw imageMissing(spec);
    return;
  }
  onNote(`pulling ${spec.image}`);
  try {
    await pullImage(docker, spec, credentialsFor(spec.image, credentials));
  } catch (error) {
    if (!isThere) throw error;
    onNote(`the image that is there is used: ${engineMessage(error)}`);
  }
}

/** The id of an image by its name; `undefined` when the engine does not have it. */
export async function imageId(docker: Docker, image: string): Promise<string | undefined> {
  try {
    return (await docker.getImage(image).inspect()).Id;
  } catch (error) {
    const status = engineStatus(error);
    // 400: not the name of an image, as `${MODULES.x}`.
    if (status === 404 || status === 400) return undefined;
    throw error;
  }
}

export function imageMissing({ name, image }: ModuleSpec): ConfigError {
  const how = `build it (docker build -t ${image} FOLDER), or have it pulled (--pull)`;
  const message = `the Docker engine has no image '${image}' for module '${name}': ${how}`;
  return new ConfigError('EDGE_IMAGE_MISSING', message, { details: { module: name, image } });
}

async function pullImage(docker: Docker, spec: ModuleSpec, authconfig: Credentials | undefined): Promise<void> {
  try {
    const stream = await docker.pull(withTag(spec.image), authconfig === undefined ? {} : { authconfig });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(stream, (error) => (error === null ? resolve() : reject(error)));
    });
  } catch (cause) {
    throw new ConfigError(
      'EDGE_IMAGE_PULL_FAILED',
      `image '${spec.image}' of module '${spec.name}' cannot be pulled: ${engineMessage(cause)}`,
      { cause, details: { module: spec.name, image: spec.image } },
    );
  }
}

/** Without a tag the engine would fetch every tag there is. */
function withTag(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  return name.includes(':') || name.includes('@') ? image : `${image}:latest`;
}

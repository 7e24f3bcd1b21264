import { ConfigError } from '@edgeveil/contracts';
import type Docker from 'dockerode';
import { isImagePlaceholder, resolveImage } from '../../../manifest/build/module-images.ts';
import type { ModuleSpec } from '../../../manifest/deployment.ts';

/** How the platforms of a module.json are called, by what engines say of their machines. */
const platforms = new Map([
  ['x86_64', 'amd64'],
  ['amd64', 'amd64'],
  ['aarch64', 'arm64v8'],
  ['arm64', 'arm64v8'],
  ['armv7l', 'arm32v7'],
]);

/**
 * A module with its image's own name in place of a template's `${MODULES.…}`, for the engine's platform unless the placeholder names another.
 * @throws ConfigError EDGE_IMAGE_UNRESOLVED
 */
export async function withImage(
  docker: Docker,
  spec: ModuleSpec,
  at: { readonly repoDir: string; readonly environment: Readonly<Record<string, string | undefined>> },
): Promise<ModuleSpec> {
  if (!isImagePlaceholder(spec.image)) return spec;
  const { Architecture }: { Architecture: string } = await docker.info();
  const target = { platform: platforms.get(Architecture) ?? Architecture, isDebug: false };
  const resolved = await resolveImage(spec.image, at.repoDir, target, at.environment);
  if ('image' in resolved) return { ...spec, image: resolved.image };
  throw new ConfigError('EDGE_IMAGE_UNRESOLVED', `module '${spec.name}': ${resolved.problem}`, {
    details: { module: spec.name, image: spec.image },
  });
}

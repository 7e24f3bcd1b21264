import { z } from 'zod';

/** What a registry asks for, in the shape of Docker's API. Never to be logged. */
export interface Credentials {
  readonly serveraddress: string;
  readonly username: string;
  readonly password: string;
}

const schema = z.looseObject({
  settings: z.looseObject({
    registryCredentials: z.record(
      z.string(),
      z.looseObject({ address: z.string(), username: z.string(), password: z.string() }),
    ),
  }),
});

/** The registry credentials of a manifest's `runtime`; none when it has none, or not in this form. */
export function registryCredentials(runtime: unknown): Credentials[] {
  const parsed = schema.safeParse(runtime);
  if (!parsed.success) return [];
  return Object.values(parsed.data.settings.registryCredentials).map(({ address, username, password }) => ({
    serveraddress: address,
    username,
    password,
  }));
}

/** The credentials for an image: the first whose address names its registry, as edgeAgent picks them (DockerUtil.cs). */
export function credentialsFor(image: string, all: readonly Credentials[]): Credentials | undefined {
  const registry = registryOf(image);
  return all.find(({ serveraddress }) => hostOf(serveraddress) === registry);
}

/** The registry in an image's name: its first part if that is a host name, else Docker's. */
function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost ? first.toLowerCase() : 'docker.io';
}

function hostOf(address: string): string {
  const host =
    address
      .replace(/^https?:\/\//, '')
      .split('/')[0]
      ?.toLowerCase() ?? '';
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host;
}

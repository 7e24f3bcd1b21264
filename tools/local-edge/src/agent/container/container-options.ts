import type Docker from 'dockerode';
import { z } from 'zod';
import type { JsonObject } from '../../twins/json-object.ts';
import { moduleLabel } from './edge-labels.ts';
import { inspectable } from './inspectable.ts';
import { attachments, type ModulePlace, type NetworkAttachments } from './network-attachments.ts';
import { sharedBind, sharedMount } from './shared-volumes.ts';

/** What the runtime adds to a module's create options. */
export interface ContainerFrame extends ModulePlace {
  readonly image: string;
  /** edgeAgent's variables and the manifest's: they win over those of the create options. */
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** The module's workload socket on this machine. */
  readonly socketPath: string;
  /** The hub's name in the container. */
  readonly gatewayHostName: string;
  /** Folders of this machine in place of named volumes. */
  readonly sharedVolumes: ReadonlyMap<string, string>;
  /** Node's inspector is to listen on this port of this machine. */
  readonly inspectPort: number | undefined;
}

/** A container as the engine is to create it, and the networks that it is to be put on beside the first. */
export interface ContainerPlan {
  readonly create: Docker.ContainerCreateOptions;
  readonly connect: NetworkAttachments['others'];
}

/** Where modules find the workload API: the path that every module of a real device sees. */
export const socketInContainer = '/var/run/iotedge/workload.sock';

const list = z.array(z.string()).nullish();
const schema = z.looseObject({
  Env: list,
  Labels: z.record(z.string(), z.string()).nullish(),
  HostConfig: z
    .looseObject({
      Binds: list,
      Mounts: z.array(z.looseObject({})).nullish(),
      ExtraHosts: list,
      NetworkMode: z.string().nullish(),
    })
    .nullish(),
  NetworkingConfig: z
    .looseObject({ EndpointsConfig: z.record(z.string(), z.looseObject({}).nullish()).nullish() })
    .nullish(),
});
const names = ['Env', 'Labels', 'HostConfig', 'NetworkingConfig', 'Image'];
const hostNames = ['Binds', 'Mounts', 'ExtraHosts', 'NetworkMode', 'RestartPolicy', 'AutoRemove'];

/**
 * A module's create options, in the shape of Docker's API, with what IoT Edge adds to them: environment, labels, the workload socket and the
 * network (CreateOrUpdateCommand.cs, CombinedEdgeletConfigProvider.cs). All else goes to the engine as it stands. The engine is never to start
 * the container by itself: restarts are the agent's.
 * @throws z.ZodError where an option has a shape that no engine takes
 */
export function containerOptions(createOptions: JsonObject, frame: ContainerFrame): ContainerPlan {
  const { Env, Labels, HostConfig, NetworkingConfig, ...rest } = schema.parse(withNames(createOptions, names));
  const { Binds, Mounts, ExtraHosts, NetworkMode, ...host } = withNames(HostConfig ?? {}, hostNames) as NonNullable<
    z.infer<typeof schema>['HostConfig']
  >;
  const { mode, own, others, address } = attachments(NetworkMode, NetworkingConfig?.EndpointsConfig ?? {}, frame);
  const create = {
    ...rest,
    Image: frame.image,
    Env: mergeEnv(Env ?? [], frame.env),
    Labels: { ...Labels, ...frame.labels, [moduleLabel]: frame.module },
    HostConfig: {
      ...host,
      Binds: (Binds ?? []).map((bind) => sharedBind(bind, frame.sharedVolumes)),
      Mounts: [
        ...(Mounts ?? []).map((mount) => sharedMount(mount, frame.sharedVolumes)),
        // A mount and not a bind: of a bind whose source is missing the engine would make a folder.
        { Type: 'bind', Source: frame.socketPath, Target: socketInContainer },
      ],
      ExtraHosts: [...(ExtraHosts ?? []), ...(address === undefined ? [] : [`${frame.gatewayHostName}:${address}`])],
      NetworkMode: mode,
      RestartPolicy: { Name: '' },
      AutoRemove: false,
    },
    NetworkingConfig: { EndpointsConfig: own },
  };
  if (frame.inspectPort !== undefined) Object.assign(create, inspectable(create, frame.inspectPort));
  // What the create options hold beyond this is for the engine to judge.
  return { create: create as unknown as Docker.ContainerCreateOptions, connect: others };
}

function mergeEnv(given: readonly string[], env: Readonly<Record<string, string>>): string[] {
  const isOurs = (entry: string) => Object.hasOwn(env, entry.split('=', 1)[0] ?? '');
  return [
    ...given.filter((entry) => !isOurs(entry)),
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
  ];
}

/** The engine reads names in any case; where two spell the same, the last stands. */
function withNames(object: JsonObject, known: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      known.find((name) => name.toLowerCase() === key.toLowerCase()) ?? key,
      value,
    ]),
  );
}

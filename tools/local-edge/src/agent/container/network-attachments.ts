import type Docker from 'dockerode';
import type { ContainerNetwork } from './container-network.ts';

/** A module's place among the others and the hub. */
export interface ModulePlace {
  readonly module: string;
  readonly network: ContainerNetwork;
  /** Where the hub listens on this machine's loopback interface. */
  readonly hubAddress: string;
}

/** The networks of a container. */
export interface NetworkAttachments {
  readonly mode: string;
  /** The one that it is created on; older engines take no more than one. */
  readonly own: Readonly<Record<string, Docker.EndpointSettings>>;
  readonly others: readonly { readonly network: string; readonly endpoint: Docker.EndpointSettings }[];
  /** Where the hub is for it; `undefined` where it has no network or no hosts file of its own. */
  readonly address: string | undefined;
}

/** The network of a real device's modules, which manifests name to give a module aliases on it. */
const deviceNetwork = 'azure-iot-edge';
const defaults = new Set(['', 'default', 'bridge', 'nat', deviceNetwork]);

/**
 * Puts a container on the edge's network, under the module's name, and on those that its create options name. One that wants the machine's
 * network, no network or another container's gets that alone.
 */
export function attachments(
  wanted: string | null | undefined,
  endpoints: Readonly<Record<string, Docker.EndpointSettings | null | undefined>>,
  { network, module, hubAddress }: ModulePlace,
): NetworkAttachments {
  const mode = wanted ?? '';
  if (mode === 'none' || mode.startsWith('container:')) return { mode, own: {}, others: [], address: undefined };
  if (mode === 'host' || 'host' in endpoints) return { mode: 'host', own: {}, others: [], address: hubAddress };

  const named: Record<string, Docker.EndpointSettings> = {};
  for (const [name, endpoint] of Object.entries(endpoints)) if (!defaults.has(name)) named[name] = endpoint ?? {};
  if (!defaults.has(mode)) named[mode] ??= {};
  const list = Object.entries(named).map(([name, endpoint]) => ({ network: name, endpoint }));

  if (network.kind === 'host') {
    const [first, ...others] = list;
    if (first === undefined) return { mode: 'host', own: {}, others: [], address: hubAddress };
    return { mode: first.network, own: { [first.network]: first.endpoint }, others, address: undefined };
  }
  const given = endpoints[deviceNetwork] ?? {};
  const own = { ...given, Aliases: [...new Set([module, ...(given.Aliases ?? [])])] };
  return { mode: network.name, own: { [network.name]: own }, others: list, address: network.gateway };
}

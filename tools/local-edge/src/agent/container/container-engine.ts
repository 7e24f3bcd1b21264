import type { ModuleSpec } from '../../manifest/deployment.ts';
import type { ModuleIdentity } from '../module-environment.ts';
import type { ModuleLauncher } from '../module-run.ts';

export interface ContainerModule {
  readonly spec: ModuleSpec;
  /** As a process of this machine would have it; what differs in a container is replaced. */
  readonly identity: ModuleIdentity;
  /** Where the hub listens on this machine's loopback interface. */
  readonly hubAddress: string;
  /** Added to the module's environment, over the manifest's. */
  readonly env: Readonly<Record<string, string>>;
  /** Opens Node's inspector, for a module that runs with Node, on this port of this machine; 0 is any free port. */
  readonly inspectPort?: number | undefined;
}

/** An engine, and where the modules that it runs find the hub. */
export interface ContainerHost {
  readonly engine: ContainerEngine;
  /** The hub's address on this machine's loopback interface. */
  readonly hubAddress: string;
}

/** A Docker engine that runs the modules of one edge. */
export interface ContainerEngine {
  /** The name by which containers know the hub; its certificate has to be valid for it. */
  readonly gatewayHostName: string;
  /** This machine's address on the containers' network, where the hub has to listen too. `undefined` where they share the machine's network. */
  readonly bridgeAddress: string | undefined;
  /**
   * Sees to it that a module's image is there, pulling it if that was asked for. A template's `${MODULES.…}` is taken for this engine's platform.
   * @returns the module with its image's own name
   * @throws ConfigError EDGE_IMAGE_UNRESOLVED, EDGE_IMAGE_MISSING, EDGE_IMAGE_PULL_FAILED
   */
  prepareImage(spec: ModuleSpec): Promise<ModuleSpec>;
  /** The named volumes of this module, which runs as a process, become folders that containers made from now on share with it. */
  shareVolumes(process: ModuleSpec): Promise<void>;
  launcher(module: ContainerModule): ModuleLauncher;
  /** Removes the containers and the network. Named volumes stay. */
  close(): Promise<void>;
}

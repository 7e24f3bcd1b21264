import { ConfigError } from '@edgeveil/contracts';
import { clientIdOf } from '../mqtt/edge-message.ts';
import type { IdentityStore } from '../store/identity-store.ts';
import type { WorkloadIdentity } from '../workload/open-workload.ts';
import type { ModuleIdentity } from './module-environment.ts';

export interface ModuleIdentitiesOptions {
  readonly store: IdentityStore;
  readonly deviceId: string;
  readonly hubName: string;
  readonly gatewayHostName: string;
  /** Opens a module's workload socket. @returns its URI */
  readonly openWorkload: (identity: WorkloadIdentity) => Promise<string>;
}

/** The identities of the modules of a deployment, each with a workload API of its own, made at first mention. */
export class ModuleIdentities {
  readonly #options: ModuleIdentitiesOptions;
  readonly #opening = new Map<string, Promise<ModuleIdentity>>();
  readonly #known = new Map<string, ModuleIdentity>();

  constructor(options: ModuleIdentitiesOptions) {
    this.#options = options;
  }

  ensure(module: string): Promise<ModuleIdentity> {
    let identity = this.#opening.get(module);
    if (identity === undefined) {
      identity = this.#open(module);
      identity.catch(() => this.#opening.delete(module));
      this.#opening.set(module, identity);
    }
    return identity;
  }

  /** @throws ConfigError EDGE_MODULE_UNKNOWN for a module that no deployment has had */
  get(module: string): ModuleIdentity {
    const identity = this.#known.get(module);
    if (identity === undefined) throw new ConfigError('EDGE_MODULE_UNKNOWN', `the manifest has no module '${module}'`);
    return identity;
  }

  async #open(moduleId: string): Promise<ModuleIdentity> {
    const { store, deviceId, hubName, gatewayHostName, openWorkload } = this.#options;
    const { key, generationId } = store.ensure(clientIdOf({ deviceId, moduleId }));
    const workloadUri = await openWorkload({ moduleId, key, generationId });
    const identity = { workloadUri, generationId, hubName, gatewayHostName, deviceId, moduleId };
    this.#known.set(moduleId, identity);
    return identity;
  }
}

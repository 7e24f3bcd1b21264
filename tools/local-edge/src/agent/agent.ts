import { setTimeout as delay } from 'node:timers/promises';
import type { ManagedModule } from './managed-module.ts';
import type { ModuleStatus } from './module-status.ts';

export interface AgentOptions {
  readonly modules: readonly ManagedModule[];
  readonly reconcileIntervalMs: number;
  /** A step of the loop failed for a module; the loop goes on. */
  readonly onError: (module: string, error: unknown) => void;
}

/** edgeAgent's loop: every few seconds it looks at each module and does what its policy says. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  get statuses(): ModuleStatus[] {
    return this.#options.modules.map((module) => module.status);
  }

  find(name: string): ManagedModule | undefined {
    return this.#options.modules.find((module) => module.spec.name === name);
  }

  /** Starts all modules in the order of their startupOrder and keeps them as they should be. Resolves after the first round. */
  async start(): Promise<void> {
    await this.#reconcile();
    this.#loop = this.#run();
  }

  /**
   * Stops the modules against their startupOrder, group by group, so that what is under way drains downstream. edgeAgent itself stops all at
   * once.
   */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    for (const group of this.#groups().reverse()) await Promise.all(group.map((module) => module.close()));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await delay(this.#options.reconcileIntervalMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.#reconcile();
    }
  }

  // The next group starts after an attempt at the one before, not when that is ready.
  async #reconcile(): Promise<void> {
    for (const group of this.#groups()) {
      await Promise.all(
        group.map(async (module) => {
          try {
            await module.reconcile();
          } catch (error) {
            this.#options.onError(module.spec.name, error);
          }
        }),
      );
    }
  }

  #groups(): ManagedModule[][] {
    const groups = new Map<number, ManagedModule[]>();
    for (const module of this.#options.modules) {
      const order = module.spec.startupOrder;
      groups.set(order, [...(groups.get(order) ?? []), module]);
    }
    return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
  }
}

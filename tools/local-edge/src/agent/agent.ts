import { setTimeout as delay } from 'node:timers/promises';
import type { ModuleSpec } from '../manifest/deployment.ts';
import { compareSpecs } from './compare-specs.ts';
import type { ManagedModule } from './managed-module.ts';
import type { ModuleStatus } from './module-status.ts';

/** A module that has been found to be runnable. */
export interface PreparedModule {
  readonly spec: ModuleSpec;
  /** What it is run as; one for which this changes is made anew. */
  readonly runsAs: string;
  /** Makes what the module needs (identity, workload socket, folders). Nothing is started yet. */
  readonly create: () => Promise<ManagedModule>;
}

export interface AgentOptions {
  /** @throws ConfigError when the module cannot be run here */
  readonly prepare: (spec: ModuleSpec) => Promise<PreparedModule>;
  readonly reconcileIntervalMs: number;
  /** A step of the loop failed for a module; the loop goes on. */
  readonly onError: (module: string, error: unknown) => void;
}

/** edgeAgent's loop: every few seconds it looks at each module and does what its policy says. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #modules = new Map<string, ManagedModule>();
  readonly #stop = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();
  #loop: Promise<void> | undefined;
  #isStarted = false;

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  get statuses(): ModuleStatus[] {
    return [...this.#modules.values()].map((module) => module.status);
  }

  find(name: string): ManagedModule | undefined {
    return this.#modules.get(name);
  }

  /** Finds out how each module is to be run, changing nothing. @throws ConfigError for the first that cannot be */
  prepare(specs: readonly ModuleSpec[]): Promise<PreparedModule[]> {
    return Promise.all(specs.map((spec) => this.#options.prepare(spec)));
  }

  /**
   * Makes these the modules. What is not among them is stopped and removed; one that differs is made anew, unless by its status alone; new ones
   * are added. Once the agent has been started they are brought to what is wanted in the order of their startupOrder before this resolves.
   */
  deploy(prepared: readonly PreparedModule[]): Promise<void> {
    return this.#exclusively(() => this.#deploy(prepared));
  }

  /** Starts all modules in the order of their startupOrder and keeps them as they should be. Resolves after the first round. */
  async start(): Promise<void> {
    this.#isStarted = true;
    await this.#exclusively(() => this.#reconcile());
    this.#loop = this.#run();
  }

  /** Starts nothing any more: what is under way when the edge is to stop before all has started. */
  cancel(): void {
    this.#stop.abort();
  }

  /**
   * Stops the modules against their startupOrder, group by group, so that what is under way drains downstream. edgeAgent itself stops all at
   * once.
   */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#exclusively(async () => {
      for (const group of this.#groups().reverse()) await Promise.all(group.map((module) => module.close()));
    });
  }

  async #deploy(prepared: readonly PreparedModule[]): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const wanted = new Map(prepared.map((module) => [module.spec.name, module]));
    const obsolete: ManagedModule[] = [];
    const errors: unknown[] = [];
    for (const [name, module] of this.#modules) {
      const next = wanted.get(name);
      const difference = next?.runsAs === module.runsAs ? compareSpecs(module.spec, next.spec) : 'fields';
      if (difference === 'status' && next !== undefined) module.wantStatus(next.spec);
      if (difference !== 'fields') continue;
      obsolete.push(module);
      this.#modules.delete(name);
    }
    await Promise.all(obsolete.map((module) => this.#attempt(module, () => module.remove())));
    for (const { spec, create } of prepared) {
      if (this.#modules.has(spec.name)) continue;
      try {
        this.#modules.set(spec.name, await create());
      } catch (error) {
        errors.push(error);
      }
    }
    if (this.#isStarted) await this.#reconcile();
    // The others run; what could not be made is the outcome of the deployment.
    if (errors.length > 0) throw errors[0];
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await delay(this.#options.reconcileIntervalMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.#exclusively(() => this.#reconcile());
    }
  }

  // The next group starts after an attempt at the one before, not when that is ready.
  async #reconcile(): Promise<void> {
    for (const group of this.#groups()) {
      if (this.#stop.signal.aborted) return;
      await Promise.all(group.map((module) => this.#attempt(module, () => module.reconcile())));
    }
  }

  async #attempt(module: ManagedModule, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.#options.onError(module.spec.name, error);
    }
  }

  #exclusively(step: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(step);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #groups(): ManagedModule[][] {
    const groups = new Map<number, ManagedModule[]>();
    for (const module of this.#modules.values()) {
      const order = module.spec.startupOrder;
      groups.set(order, [...(groups.get(order) ?? []), module]);
    }
    return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
  }
}

import { isDeepStrictEqual } from 'node:util';
import type { EdgeEmitter } from '../events.ts';
import { parseAgentConfig } from '../manifest/agent-config.ts';
import type { AgentConfig, Deployment } from '../manifest/deployment.ts';
import { stripMetadata } from '../twins/diff.ts';
import type { JsonObject } from '../twins/json-object.ts';
import type { Agent } from './agent.ts';
import { type DeploymentStatus, deploymentStatusOf, deploymentTaken } from './deployment-status.ts';
import type { LastGood } from './last-good.ts';

export interface DeployerOptions {
  readonly agent: Agent;
  /** The only modules to run; all by default. */
  readonly only: readonly string[] | undefined;
  /** Gives all modules of a configuration their identities, whether or not they are run. */
  readonly identify: (config: AgentConfig) => Promise<void>;
  readonly lastGood: LastGood;
  /** `$edgeAgent`'s desired properties as they are now, `$version` included. */
  readonly desired: () => JsonObject;
  readonly events: EdgeEmitter;
  /** What is reported has changed. */
  readonly onChange: () => void;
}

/**
 * Keeps the modules as `$edgeAgent`'s desired properties want them, while it runs. Desired properties that are no good change nothing; they are
 * reported with their code.
 */
export class Deployer {
  readonly #options: DeployerOptions;
  readonly #manifest: Deployment;
  #config: AgentConfig;
  #version = 0;
  #status: DeploymentStatus = deploymentTaken;
  #turn: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #deployments: Promise<void> = Promise.resolve();

  constructor(options: DeployerOptions, manifest: Deployment) {
    this.#options = options;
    this.#manifest = manifest;
    this.#config = manifest;
  }

  /** The configuration in force. */
  get config(): AgentConfig {
    return this.#config;
  }

  /** The desired properties that were looked at last, and what came of it. */
  get lastDesired(): { readonly version: number; readonly status: DeploymentStatus } {
    return { version: this.#version, status: this.#status };
  }

  /**
   * Takes what the twin has, and follows it from now on. Where that is no good (a patch since the manifest came) what was taken last is taken again, or else
   * the manifest's own modules.
   * @throws ConfigError when these cannot be run either
   */
  async open(): Promise<void> {
    const opening = this.#open();
    // What is patched meanwhile has its turn after it.
    this.#turn = opening.catch(() => undefined);
    this.#options.events.on('desired', ({ module }) => {
      if (module === '$edgeAgent') this.follow().catch(() => undefined);
    });
    await opening;
  }

  /** Carries out whole deployments one after the other, in the order in which they were asked for. */
  inOrder(deploy: () => Promise<void>): Promise<void> {
    const result = this.#deployments.then(deploy);
    this.#deployments = result.catch(() => undefined);
    return result;
  }

  /** Brings the modules to what the twin says now. Resolves when that has been done, or refused. */
  follow(): Promise<void> {
    // One that has not begun yet will see this change too.
    this.#next ??= this.#turn.then(() => {
      this.#next = undefined;
      return this.#update();
    });
    this.#turn = this.#next.catch(() => undefined);
    return this.#next;
  }

  /** Finds out whether a configuration could be taken, changing nothing. @throws ConfigError */
  async check({ modules }: AgentConfig): Promise<void> {
    const { agent, only } = this.#options;
    await agent.prepare(modules.filter(({ name }) => only?.includes(name) ?? true));
  }

  /** Reports a deployment that was refused before it came into the twin. */
  refuse(error: unknown): void {
    this.#status = deploymentStatusOf(error);
    this.#options.onChange();
  }

  async #open(): Promise<void> {
    const { desired, lastGood, onChange } = this.#options;
    const document = desired();
    if (isDeepStrictEqual(stripMetadata(document), stripMetadata(this.#manifest.desired.get('$edgeAgent') ?? {}))) {
      this.#version = Number(document.$version);
      await this.#take(this.#manifest);
      await lastGood.keep(document);
    } else {
      await this.#update();
      if (this.#status.code !== deploymentTaken.code) await this.#takeLastGood();
    }
    onChange();
  }

  async #takeLastGood(): Promise<void> {
    const config = await this.#options.lastGood.read();
    try {
      await this.#take(config ?? this.#manifest);
    } catch (error) {
      if (config === undefined) throw error;
      await this.#take(this.#manifest);
    }
  }

  // Looks at the twin as it is when its turn comes: of several patches the last counts.
  async #update(): Promise<void> {
    const { desired, events, lastGood, onChange } = this.#options;
    const document = desired();
    this.#version = Number(document.$version);
    try {
      await this.#take(parseAgentConfig(document));
      this.#status = deploymentTaken;
      await lastGood.keep(document);
    } catch (error) {
      this.#status = deploymentStatusOf(error);
      const details = { code: this.#status.code, problem: this.#status.description };
      events.emit('warning', { message: 'desired properties of $edgeAgent refused', details });
    }
    onChange();
  }

  async #take(config: AgentConfig): Promise<void> {
    const { agent, only, identify } = this.#options;
    const prepared = await agent.prepare(config.modules.filter(({ name }) => only?.includes(name) ?? true));
    this.#config = config;
    await identify(config);
    await agent.deploy(prepared);
  }
}

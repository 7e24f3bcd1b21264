import { dirname, join, resolve } from 'node:path';
import type { ContainerHost } from './agent/container/container-engine.ts';
import { createAgent, type RunningAgent } from './agent/create-agent.ts';
import { answerAgentMethods } from './agent/methods/agent-methods.ts';
import type { ModuleIdentity } from './agent/module-environment.ts';
import { commandMapName, readCommandMap } from './agent/process/command-map.ts';
import type { EdgeEmitter } from './events.ts';
import type { LiveConfig } from './hub/live-config.ts';
import type { MethodCalls } from './hub/method-calls.ts';
import type { Deployment } from './manifest/deployment.ts';
import type { LocalEdgeOptions, LocalEdgeTiming } from './options.ts';
import { followRuntime } from './runtime-twins.ts';
import type { Shutdown } from './shutdown.ts';
import type { Twins } from './twins/twins.ts';

export interface StartAgentOptions
  extends Pick<LocalEdgeOptions, 'manifest' | 'only' | 'repoDir' | 'commands' | 'moduleOverrides' | 'signal'> {
  readonly deployment: Deployment;
  readonly stateDir: string;
  readonly deviceId: string;
  readonly hubName: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly identity: (module: string) => Promise<ModuleIdentity>;
  readonly containers: ContainerHost | undefined;
  readonly twins: Twins;
  readonly methods: MethodCalls;
  readonly liveConfig: LiveConfig;
  readonly events: EdgeEmitter;
  readonly timing: LocalEdgeTiming;
  readonly shutdown: Shutdown;
  /** The agent is there, no module has been started. */
  readonly onCreated: (agent: RunningAgent) => Promise<void>;
}

/** Starts what edgeAgent is on a device: the modules, what is reported of them, its direct methods. Resolves after the first round of starts. */
export async function startAgent(options: StartAgentOptions): Promise<RunningAgent> {
  const { twins, methods, events, shutdown, signal, deviceId, hubName } = options;
  const repoDir = resolve(options.repoDir ?? process.cwd());
  const commandsPath = options.commands ?? besideManifest(options.manifest, repoDir);
  const running = await createAgent({
    ...options,
    repoDir,
    only: options.only,
    overrides: options.moduleOverrides ?? {},
    commands: () => readCommandMap(commandsPath),
    parentEnvironment: options.environment,
    desired: () => twins.get('$edgeAgent').desired,
    onDeployed: () => reportAgent(),
  });
  const { agent, deployer, logs } = running;
  shutdown.add(running.close);
  const reportAgent = followRuntime({ ...options, ...running });
  shutdown.add(() => agent.stop());
  shutdown.add(answerAgentMethods({ agent, deployer, logs, twins, methods, events, deviceId, hubName }));
  await options.onCreated(running);
  const cancel = () => agent.cancel();
  signal?.addEventListener('abort', cancel);
  await deployer.open();
  await agent.start();
  signal?.removeEventListener('abort', cancel);
  return running;
}

function besideManifest(manifest: string | object, repoDir: string): string {
  return join(typeof manifest === 'string' ? dirname(resolve(manifest)) : repoDir, commandMapName);
}

import { z } from 'zod';
import type { EdgeEmitter } from '../../events.ts';
import type { MethodCalls, MethodResult } from '../../hub/method-calls.ts';
import { clientIdOf } from '../../mqtt/edge-message.ts';
import type { Twins } from '../../twins/twins.ts';
import type { Agent } from '../agent.ts';
import type { Deployer } from '../deployer.ts';
import type { LogStore } from '../logs/log-store.ts';
import { BackgroundTasks } from './background-tasks.ts';
import { getModuleLogs, uploadModuleLogs } from './log-methods.ts';
import { MethodError } from './method-error.ts';
import { readRequest } from './read-request.ts';
import { restartModule } from './restart-module.ts';
import { uploadSupportBundle } from './upload-support-bundle.ts';

/** What edgeAgent's methods work on. */
export interface AgentMethodsContext {
  readonly agent: Agent;
  readonly deployer: Deployer;
  readonly logs: LogStore;
  readonly twins: Twins;
  readonly deviceId: string;
  readonly hubName: string;
}

export interface AgentMethodsOptions extends AgentMethodsContext {
  readonly methods: MethodCalls;
  readonly events: EdgeEmitter;
}

type Handler = (payload: unknown) => unknown;

const taskRequestSchema = z.looseObject({ correlationid: z.string().min(1) });

/** Answers the direct methods of `$edgeAgent`, from wherever they are called. @returns what gives up uploads that are under way */
export function answerAgentMethods(options: AgentMethodsOptions): () => Promise<void> {
  const { methods, events, deviceId } = options;
  const tasks = new BackgroundTasks();
  const handlers: Readonly<Record<string, Handler>> = {
    ping: () => null,
    RestartModule: (payload) => restartModule(payload, options),
    GetModuleLogs: (payload) => getModuleLogs(payload, options),
    UploadModuleLogs: (payload) => uploadModuleLogs(payload, options, tasks),
    UploadSupportBundle: (payload) => uploadSupportBundle(payload, options, tasks),
    GetTaskStatus: (payload) => tasks.status(readRequest(payload, taskRequestSchema).correlationid),
  };
  const clientId = clientIdOf({ deviceId, moduleId: '$edgeAgent' });
  methods.setLocalTarget(clientId, async (name, payload) => {
    const result = await answer(handlers, name, payload);
    if (result.status !== 200) {
      const details = { method: name, status: result.status };
      events.emit('warning', { message: 'a method of $edgeAgent failed', details });
    }
    return result;
  });
  return async () => {
    methods.setLocalTarget(clientId, undefined);
    await tasks.close();
  };
}

async function answer(
  handlers: Readonly<Record<string, Handler>>,
  name: string,
  payload: unknown,
): Promise<MethodResult> {
  try {
    const known = Object.keys(handlers);
    const found = known.find((each) => each.toLowerCase() === name.toLowerCase());
    const handler = found === undefined ? undefined : handlers[found];
    if (handler === undefined) {
      throw new MethodError(400, `Command '${name}' not found. The supported commands are - ${known.join(',')}`);
    }
    return { status: 200, payload: await handler(payload) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { status: error instanceof MethodError ? error.status : 500, payload: { message } };
  }
}

import { z } from 'zod';
import type { AgentMethodsContext } from './agent-methods.ts';
import { MethodError } from './method-error.ts';
import { readRequest } from './read-request.ts';

const requestSchema = z.looseObject({ id: z.string().trim().min(1) });

/** Ends a module that runs and starts it anew. @throws MethodError 500 when it does not run (RestartRequestHandler.cs) */
export async function restartModule(payload: unknown, { agent }: AgentMethodsContext): Promise<null> {
  const { id } = readRequest(payload, requestSchema);
  if (id === 'edgeAgent' || id === 'edgeHub') {
    throw new MethodError(500, `Module ${id} cannot be restarted since it is part of this runtime`);
  }
  const module = agent.find(id);
  if (module === undefined) throw new MethodError(500, `Module ${id} not found in the current environment`);
  if (module.status.runtimeStatus !== 'running') {
    throw new MethodError(500, `Module ${id} cannot be restarted since it is not running`);
  }
  await module.restart();
  return null;
}

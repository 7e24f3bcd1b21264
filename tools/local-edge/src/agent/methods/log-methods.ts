import { z } from 'zod';
import { agentLogName } from '../logs/agent-log.ts';
import { filterLog, type LogFilter } from '../logs/filter-log.ts';
import type { LogRecord } from '../logs/log-record.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { AgentMethodsContext } from './agent-methods.ts';
import type { BackgroundTasks, TaskStatus } from './background-tasks.ts';
import { encodeLogs } from './encode-logs.ts';
import { logsRequestSchema, selectLogs } from './logs-request.ts';
import { MethodError } from './method-error.ts';
import { putBlob } from './put-blob.ts';
import { readRequest } from './read-request.ts';

// A direct method carries 128 KB.
const maxPayloadBytes = 127_000;

const uploadSchema = logsRequestSchema.extend({ sasurl: z.string().trim().min(1) });

/** What edgeAgent calls its own two modules in requests for logs, and the files that have their lines here. */
const systemLogs: Readonly<Record<string, string>> = { edgeAgent: agentLogName, edgeHub: 'edge-runtime' };
export const systemModuleNames: readonly string[] = Object.keys(systemLogs);

/** GetModuleLogs. @throws MethodError */
export async function getModuleLogs(payload: unknown, context: AgentMethodsContext): Promise<object[]> {
  const request = readRequest(payload, logsRequestSchema);
  const answers: { id: string; payload?: string; payloadBytes?: string }[] = [];
  let total = 0;
  for (const [id, filter] of selectLogs(request, logNames(context), new Date())) {
    const source = { ...context, module: id };
    const bytes = encodeLogs(await readLog(context.logs, id, filter), source, request);
    total += bytes.length;
    if (total > maxPayloadBytes) {
      throw new MethodError(
        400,
        `The payload is too large for a direct method. GetModuleLogs supports up to ${maxPayloadBytes} bytes of logs. The current request returned at least ${total} bytes. Try reducing the size of the logs by setting 'tail', 'since' and 'until' in the filter.`,
      );
    }
    answers.push(
      request.encoding === 'gzip' ? { id, payloadBytes: bytes.toString('base64') } : { id, payload: bytes.toString() },
    );
  }
  return answers;
}

/** UploadModuleLogs: a blob for each module. @throws MethodError */
export function uploadModuleLogs(payload: unknown, context: AgentMethodsContext, tasks: BackgroundTasks): TaskStatus {
  const request = readRequest(payload, uploadSchema);
  const selected = selectLogs(request, logNames(context), new Date());
  const extension = request.encoding === 'gzip' ? 'gz' : request.contenttype === 'json' ? 'json' : 'log';
  return tasks.start(async (signal) => {
    for (const [id, filter] of selected) {
      const content = encodeLogs(await readLog(context.logs, id, filter), { ...context, module: id }, request);
      await putBlob(
        {
          sasUrl: request.sasurl,
          name: blobName(context, id, extension),
          content: new Uint8Array(content),
          contentType: request.contenttype === 'json' ? 'application/json' : 'text/plain',
          ...(request.encoding === 'gzip' ? { contentEncoding: 'gzip' } : {}),
        },
        signal,
      );
    }
  });
}

/** The names under which there are logs: all modules that are run here, and the runtime's own. */
export function logNames({ agent }: Pick<AgentMethodsContext, 'agent'>): string[] {
  return [...agent.statuses.map(({ module }) => module), ...systemModuleNames];
}

export async function readLog(logs: LogStore, name: string, filter: LogFilter): Promise<LogRecord[]> {
  return filterLog(await logs.of(systemLogs[name] ?? name).read(), filter);
}

/** `hub/device/id-2026-01-31--10-00-00.json`, as edgeAgent names them. */
export function blobName(
  { hubName, deviceId }: Pick<AgentMethodsContext, 'hubName' | 'deviceId'>,
  id: string,
  extension: string,
): string {
  const time = new Date().toISOString().slice(0, 19).replace('T', '--').replaceAll(':', '-');
  return `${hubName}/${deviceId}/${id}-${time}.${extension}`;
}

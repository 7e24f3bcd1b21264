import { z } from 'zod';
import type { AgentMethodsContext } from './agent-methods.ts';
import type { BackgroundTasks, TaskStatus } from './background-tasks.ts';
import { blobName } from './log-methods.ts';
import { requestTime } from './logs-request.ts';
import { putBlob } from './put-blob.ts';
import { readRequest } from './read-request.ts';
import { supportBundle } from './support-bundle.ts';

const timeSchema = z.union([z.string(), z.number()]).nullish();

const requestSchema = z.looseObject({
  sasurl: z.string().trim().min(1),
  since: timeSchema,
  until: timeSchema,
  edgeruntimeonly: z.boolean().nullish(),
});

/** UploadSupportBundle: a zip file into the container of the SAS URL. @throws MethodError */
export function uploadSupportBundle(
  payload: unknown,
  context: AgentMethodsContext,
  tasks: BackgroundTasks,
): TaskStatus {
  const request = readRequest(payload, requestSchema);
  const now = new Date();
  const selection = {
    since: requestTime('since', request.since, now),
    until: requestTime('until', request.until, now),
    isRuntimeOnly: request.edgeruntimeonly ?? false,
  };
  return tasks.start(async (signal) => {
    const content = await supportBundle(context, selection);
    const name = blobName(context, 'support-bundle', 'zip');
    await putBlob({ sasUrl: request.sasurl, name, content, contentType: 'application/zip' }, signal);
  });
}

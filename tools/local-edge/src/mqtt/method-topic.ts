import { buildTopic, compileTemplate } from './topic-template.ts';

const request = compileTemplate('$iothub/methods/POST/{methodName}/?$rid={correlationId}');

/** Where a direct method is called (TwinAddressHelper.cs). */
export function methodTopic(methodName: string, correlationId: string): string {
  const values = new Map([
    ['methodName', methodName],
    ['correlationId', correlationId],
  ]);
  return buildTopic(request, values) ?? '';
}

import type { EdgeMessage } from '../mqtt/edge-message.ts';
import type { Endpoint } from '../routing/endpoint.ts';
import type { RouteResult } from '../routing/evaluate-routes.ts';
import { messageSourceOf } from '../routing/source.ts';
import type { ControlBody, MonitoredMessage } from './control-api.ts';

/** An endpoint as people write it. */
export function endpointName(endpoint: Endpoint): string {
  return endpoint.kind === 'upstream' ? endpoint.id : `${endpoint.module}/${endpoint.input}`;
}

/** A message and where it went, for the monitor. */
export function monitoredMessage(message: EdgeMessage, results: readonly RouteResult[], time: Date): MonitoredMessage {
  const { systemProperties, properties, body } = message;
  const module = systemProperties.get('rpSenderModuleId') ?? systemProperties.get('connectionModuleId');
  const output = systemProperties.get('outputName');
  return {
    time: time.toISOString(),
    source: messageSourceOf(message),
    ...(module === undefined ? {} : { module }),
    ...(output === undefined ? {} : { output }),
    to: results.map(({ endpoint, routes, priority }) => ({ endpoint: endpointName(endpoint), routes, priority })),
    properties: Object.fromEntries(properties),
    systemProperties: Object.fromEntries(systemProperties),
    bytes: body.length,
    ...bodyJson(message),
  };
}

function bodyJson({ body, systemProperties }: EdgeMessage): ControlBody {
  const text = decode(body);
  if (text === undefined) return { body: body.toString('base64'), bodyEncoding: 'base64' };
  const contentType = systemProperties.get('contentType');
  // Many modules send JSON without saying so.
  if (contentType === undefined ? /^\s*[[{]/.test(text) : /^application\/json\b/i.test(contentType)) {
    try {
      return { body: JSON.parse(text), bodyEncoding: 'json' };
    } catch {
      // It only claims to be JSON.
    }
  }
  return { body: text, bodyEncoding: 'text' };
}

function decode(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

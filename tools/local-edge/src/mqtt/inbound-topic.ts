import { bagOf, compileTemplate, matchTemplate } from './topic-template.ts';

/** What a client may publish. */
export type InboundTopic =
  | {
      readonly kind: 'telemetry';
      readonly deviceId: string;
      readonly moduleId: string | undefined;
      readonly bag: string;
    }
  | { readonly kind: 'twin-get'; readonly requestId: string }
  | { readonly kind: 'twin-patch'; readonly requestId: string }
  | { readonly kind: 'method-response'; readonly status: string; readonly requestId: string }
  | { readonly kind: 'unknown' };

// edgeHub's own templates (appsettings_hub.json), those that outputs use first.
const telemetry = [
  'devices/{deviceId}/modules/{moduleId}/messages/events/{params}/',
  'devices/{deviceId}/modules/{moduleId}/messages/events/{params}',
  'devices/{deviceId}/modules/{moduleId}/messages/events/',
  'devices/{deviceId}/modules/{moduleId}/messages/events',
  'devices/{deviceId}/messages/events/{params}/',
  'devices/{deviceId}/messages/events/{params}',
  'devices/{deviceId}/messages/events/',
  'devices/{deviceId}/messages/events',
].map(compileTemplate);
const twinGet = /^\$iothub\/twin\/GET\/\?(.*)$/s;
const twinPatch = /^\$iothub\/twin\/PATCH\/properties\/reported\/\?(.*)$/s;
const methodResponse = /^\$iothub\/methods\/res\/([^/]+)\/\?(.*)$/s;

/** Tells the inbound topics of edgeHub apart. `unknown` is acknowledged and dropped by it. */
export function parseInboundTopic(topic: string): InboundTopic {
  const event = matchTemplate(telemetry, topic);
  const deviceId = event?.get('deviceId');
  if (event !== undefined && deviceId !== undefined) {
    return { kind: 'telemetry', deviceId, moduleId: event.get('moduleId'), bag: bagOf(event) };
  }
  const response = methodResponse.exec(topic);
  if (response?.[1] !== undefined) return withRequestId(response[2], { kind: 'method-response', status: response[1] });
  const get = twinGet.exec(topic);
  if (get !== null) return withRequestId(get[1], { kind: 'twin-get' });
  const patch = twinPatch.exec(topic);
  if (patch !== null) return withRequestId(patch[1], { kind: 'twin-patch' });
  return { kind: 'unknown' };
}

function withRequestId<T extends object>(
  query: string | undefined,
  rest: T,
): (T & { requestId: string }) | { kind: 'unknown' } {
  const requestId = parseTopicQuery(query ?? '').get('$rid');
  return requestId === undefined ? { kind: 'unknown' } : { ...rest, requestId };
}

/** The properties behind the `?` of a `$iothub` topic; they are not percent-decoded (TwinAddressHelper.cs). */
export function parseTopicQuery(query: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const pair of query.split('&')) {
    const split = pair.indexOf('=');
    if (split < 0) properties.set(pair, '');
    else properties.set(pair.slice(0, split), pair.slice(split + 1));
  }
  return properties;
}

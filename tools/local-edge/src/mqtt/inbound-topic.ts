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

const telemetry = /^devices\/([^/]+)(?:\/modules\/([^/]+))?\/messages\/events(?:\/([^/]+))?\/?$/;
const twinGet = /^\$iothub\/twin\/GET\/\?(.*)$/s;
const twinPatch = /^\$iothub\/twin\/PATCH\/properties\/reported\/\?(.*)$/s;
const methodResponse = /^\$iothub\/methods\/res\/([^/]+)\/\?(.*)$/s;

/** Tells the inbound topics of edgeHub apart. `unknown` is acknowledged and dropped by it. */
export function parseInboundTopic(topic: string): InboundTopic {
  const event = telemetry.exec(topic);
  if (event?.[1] !== undefined) {
    return { kind: 'telemetry', deviceId: event[1], moduleId: event[2], bag: event[3] ?? '' };
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

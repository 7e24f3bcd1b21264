import type { Sink } from './parse/parse-route.ts';

/** Where a route leads. */
export type Endpoint =
  | { readonly kind: 'upstream'; readonly id: '$upstream' }
  | { readonly kind: 'module'; readonly id: string; readonly module: string; readonly input: string };

export const upstreamEndpoint: Endpoint = { kind: 'upstream', id: '$upstream' };

/** The endpoint that a sink names, or what is wrong with it (EndpointFactory.cs). */
export function endpointOf(sink: Sink, deviceId: string): Endpoint | { readonly error: string } {
  if (sink.kind === 'system') {
    return sink.name.toLowerCase() === '$upstream'
      ? upstreamEndpoint
      : { error: `Unknown system endpoint '${sink.name}'` };
  }
  if (sink.name.toLowerCase() !== 'brokeredendpoint') return { error: `Unknown endpoint function '${sink.name}'` };
  const parts = sink.address.replace(/^\//, '').replace(/\/$/, '').split('/');
  const [, module, , input] = parts;
  if (parts.length !== 4 || !module || !input) {
    return { error: `Address '${sink.address}' is not of the form /modules/MODULE/inputs/INPUT` };
  }
  return { kind: 'module', id: `${deviceId}/${module}/${input}`, module, input };
}

/** The priority of a route that has none: the lowest there is. */
export const defaultPriority = 2_000_000_000;

/** The name of the stored queue for one endpoint and priority (MessageQueueIdHelper.cs). */
export function queueId(endpointId: string, priority: number): string {
  return priority === defaultPriority ? endpointId : `${endpointId}_Pri${priority}`;
}

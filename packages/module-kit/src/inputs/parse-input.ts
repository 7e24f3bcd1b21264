import { ENDPOINTS, type EndpointItems, type EndpointName } from '@edgeveil/contracts';
import type { InputMessage } from '../hub/hub-client.ts';

/** What a message holds, or why it cannot be read. */
export type ParsedInput =
  | {
      readonly [Name in EndpointName]: {
        readonly kind: 'items';
        readonly input: Name;
        readonly items: readonly EndpointItems[Name][];
      };
    }[EndpointName]
  | { readonly kind: 'refused'; readonly reason: 'unknown_input' | 'not_json' | 'schema'; readonly details: unknown };

export function parseInput({ input, body }: Pick<InputMessage, 'input' | 'body'>): ParsedInput {
  if (!isEndpointName(input)) return { kind: 'refused', reason: 'unknown_input', details: { input } };
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch (error) {
    return { kind: 'refused', reason: 'not_json', details: { error: String(error), bytes: body.byteLength } };
  }
  const parsed = ENDPOINTS[input].schema.safeParse(json);
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, 10).map(({ path, message }) => ({ path: path.join('.'), message }));
    return { kind: 'refused', reason: 'schema', details: { issues } };
  }
  const message: Readonly<Record<string, readonly unknown[]>> = parsed.data;
  // The schema has just shown that the array of this key holds items of this endpoint.
  return { kind: 'items', input, items: message[ENDPOINTS[input].items] } as ParsedInput;
}

function isEndpointName(name: string): name is EndpointName {
  return Object.hasOwn(ENDPOINTS, name);
}

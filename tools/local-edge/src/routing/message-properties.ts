import type { RoutableMessage } from './value.ts';

/** An application property's value; `undefined` when the message has none of that name, ignoring case. */
export function applicationProperty(message: RoutableMessage, name: string): string | null | undefined {
  return lookUp(message.properties, name);
}

/** A system property's value; `undefined` when the message has none of that name, ignoring case. */
export function systemProperty(message: RoutableMessage, name: string): string | null | undefined {
  return lookUp(message.systemProperties, name);
}

function lookUp(properties: ReadonlyMap<string, string | null>, name: string): string | null | undefined {
  const exact = properties.get(name);
  if (exact !== undefined) return exact;
  const wanted = name.toLowerCase();
  for (const [key, value] of properties) {
    if (key.length === name.length && key.toLowerCase() === wanted) return value;
  }
  return undefined;
}

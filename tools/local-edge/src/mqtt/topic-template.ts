import { formatPropertyBag, parsePropertyBag } from './property-bag.ts';

/** A topic with places for variables, as edgeHub's settings write it: `devices/{deviceId}/messages/events/{params}/` (UriPathTemplate.cs). */
export interface TopicTemplate {
  readonly text: string;
  readonly pattern: RegExp;
  readonly variables: readonly string[];
}

/** The variable that stands for a property bag. */
const bagVariable = 'params';

export function compileTemplate(text: string): TopicTemplate {
  const variables: string[] = [];
  const pattern = text.split(/\{(\w+)\}/).map((part, index) => {
    if (index % 2 === 0) return RegExp.escape(part);
    variables.push(part);
    return '([^/]+)';
  });
  return { text, pattern: new RegExp(`^${pattern.join('')}$`), variables };
}

/** The variables of a topic by the first template that it matches, the bag among them still as text; `undefined` when it matches none. */
export function matchTemplate(templates: readonly TopicTemplate[], topic: string): Map<string, string> | undefined {
  for (const { pattern, variables } of templates) {
    const match = pattern.exec(topic);
    if (match !== null) return new Map(variables.map((name, index) => [name, match[index + 1] ?? '']));
  }
  return undefined;
}

/** The text of the property bag among the variables of a topic; empty where there is none. */
export function bagOf(variables: ReadonlyMap<string, string>): string {
  return variables.get(bagVariable) ?? '';
}

/** All properties in a topic, those of its bag and those of its path; a path's win. */
export function topicProperties(variables: ReadonlyMap<string, string>): Map<string, string> {
  const properties = new Map(parsePropertyBag(bagOf(variables)));
  for (const [name, value] of variables) if (name !== bagVariable) properties.set(name, value);
  return properties;
}

/** Writes a topic: the template with its variables filled in, then the properties. `undefined` when a variable has no value. */
export function buildTopic(
  { text }: TopicTemplate,
  values: ReadonlyMap<string, string>,
  properties: ReadonlyMap<string, string> = new Map(),
): string | undefined {
  let isComplete = true;
  const path = text.replace(/\{(\w+)\}/g, (_place, name: string) => {
    const value = values.get(name);
    if (value === undefined) isComplete = false;
    return value ?? '';
  });
  if (!isComplete) return undefined;
  if (properties.size === 0) return path;
  return `${path}${path.endsWith('/') ? '' : '/'}${formatPropertyBag(properties)}`;
}

import { systemProperty } from './message-properties.ts';
import type { RoutableMessage } from './value.ts';

/** The text that a message source, with a `/` after it, must start with to match what stands after FROM (CustomMessageSource.cs). */
export function sourcePrefix(routeSource: string): string {
  const bare = routeSource.trim().replace(/\*+$/, '').replace(/\/+$/, '');
  return `${bare}/`;
}

/** Whether a route's prefix takes messages of a source; letters' case does not matter. */
export function matchesSource(prefix: string, messageSource: string): boolean {
  return `${messageSource}/`.toLowerCase().startsWith(prefix.toLowerCase());
}

/** Where a message comes from, as FROM names it (RoutingMessageConverter.cs). */
export function messageSourceOf(message: Pick<RoutableMessage, 'systemProperties'>): string {
  const get = (name: string) => systemProperty({ ...emptyMessage, ...message }, name);
  if (get('messageType') === 'twinChangeNotification') return '/twinChangeNotifications';
  const module = get('connectionModuleId');
  if (!module) return '/messages';
  const output = get('outputName');
  return output ? `/messages/modules/${module}/outputs/${output}` : `/messages/modules/${module}`;
}

const emptyMessage: RoutableMessage = { properties: new Map(), systemProperties: new Map(), body: Buffer.alloc(0) };

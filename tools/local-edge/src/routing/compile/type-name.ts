import type { StaticType } from '../value.ts';

/** What edgeHub calls a type in its messages; it has no word for a body. */
export function typeName(type: StaticType): string {
  return type === 'body' ? 'unknown' : type;
}

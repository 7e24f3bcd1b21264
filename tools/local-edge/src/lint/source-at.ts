import type { SourceObject, SourceValue } from '../manifest/build/json-source.ts';

/** The value that a JSON pointer names. */
export function sourceAt(root: SourceObject, pointer: string): SourceValue | undefined {
  let current: SourceValue | undefined = root;
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (current instanceof Map) current = current.get(key);
    else if (Array.isArray(current)) current = current[Number(key)];
    else return undefined;
  }
  return current;
}

import { isDeepStrictEqual } from 'node:util';
import type { ModuleSpec } from '../manifest/deployment.ts';

/**
 * How a module's new description differs from the old one: not at all, by what only starts or stops it, or by a field for which it is made anew. edgeAgent
 * counts restartPolicy, startupOrder and pull policy among these fields (DockerModule.cs).
 */
export function compareSpecs(before: ModuleSpec, after: ModuleSpec): 'same' | 'status' | 'fields' {
  if (!isDeepStrictEqual(fieldsOf(before), fieldsOf(after))) return 'fields';
  return before.status === after.status ? 'same' : 'status';
}

function fieldsOf({ status: _status, source: _source, ...fields }: ModuleSpec): object {
  return fields;
}

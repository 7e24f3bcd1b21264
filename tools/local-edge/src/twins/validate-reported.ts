import { isJsonObject } from './json-object.ts';

const maxDepth = 10;
const maxNameBytes = 1024;
const maxValueBytes = 4096;
const maxPatchBytes = 32_768;
const minInteger = -(2 ** 52);
const maxInteger = 2 ** 52 - 1;

/** Why edgeHub refuses a reported patch (ReportedPropertiesValidator.cs), or `undefined` when it takes it. The limits are on the patch alone. */
export function reportedProblem(patch: unknown): string | undefined {
  if (!isJsonObject(patch)) return 'Reported properties must be a JSON object';
  const problem = objectProblem(patch, 0, false);
  if (problem !== undefined) return problem;
  const bytes = Buffer.byteLength(JSON.stringify(patch));
  return bytes > maxPatchBytes ? `Twin properties size ${bytes} exceeds maximum ${maxPatchBytes}` : undefined;
}

function objectProblem(object: object, depth: number, isInArray: boolean): string | undefined {
  if (depth > maxDepth) return `Nested depth of twin property exceeds ${maxDepth}`;
  for (const [name, value] of Object.entries(object)) {
    const problem = nameProblem(name) ?? propertyProblem(name, value, depth, isInArray);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function propertyProblem(name: string, value: unknown, depth: number, isInArray: boolean): string | undefined {
  if (value === null) return isInArray ? `Property ${name} of an object in an array cannot be 'null'` : undefined;
  if (Array.isArray(value)) return arrayProblem(name, value, depth + 1);
  if (typeof value === 'object') return objectProblem(value, depth + 1, isInArray);
  return scalarProblem(name, value);
}

function arrayProblem(name: string, array: readonly unknown[], depth: number): string | undefined {
  if (depth > maxDepth) return `Nested depth of twin property exceeds ${maxDepth}`;
  for (const value of array) {
    if (value === null) return "Arrays cannot contain 'null' as value";
    const problem = propertyProblem(name, value, depth, true);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function nameProblem(name: string): string | undefined {
  if (Buffer.byteLength(name) > maxNameBytes) {
    return `Length of property name ${name.slice(0, 10)}.. exceeds maximum length of ${maxNameBytes}`;
  }
  return /[\p{Cc}\s.$#]/u.test(name)
    ? `Property name ${name} contains invalid characters. Valid characters exclude UNICODE control characters (segments C0 and C1), '.', '$', '#' and ' '.`
    : undefined;
}

function scalarProblem(name: string, value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isInteger(value) && (value < minInteger || value > maxInteger)) {
    return `Property ${name} has an out of bound value. Valid values are between ${minInteger} and ${maxInteger}`;
  }
  const bytes = Buffer.byteLength(String(value));
  return bytes > maxValueBytes
    ? `Value associated with property name ${name} has length ${bytes} that exceeds maximum length of ${maxValueBytes}`
    : undefined;
}

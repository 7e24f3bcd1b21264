import { pointerStep } from '../manifest/build/json-source.ts';
import { isJsonObject } from '../twins/json-object.ts';
import type { Remark } from './finding.ts';
import type { LintContext } from './lint-context.ts';

const maxDepth = 10;
const maxNameBytes = 1024;
const maxTextBytes = 4096;
const maxTwinBytes = 32_768;
const minInteger = -(2 ** 52);
const maxInteger = 2 ** 52 - 1;

/** Desired properties have to fit into a twin, and to belong to a module. */
export function* checkTwins(context: LintContext): Generator<Remark> {
  const names = new Set(context.modules.map(({ name }) => name));
  for (const [name, value] of Object.entries(context.content)) {
    const path = `${context.contentPath}${pointerStep(name)}`;
    if (name === '$edgeAgent' || name === '$edgeHub') {
      if (isJsonObject(value)) yield* checkSize(value['properties.desired'], `${path}/properties.desired`);
      continue;
    }
    if (!isJsonObject(value)) {
      yield { code: 'schema', message: `'${name}' is no object`, remedy: 'Write {"properties.desired": {…}}.', path };
      continue;
    }
    if (!context.isLayer && !names.has(name)) {
      yield {
        code: 'twin-without-module',
        message: `there are desired properties for '${name}', and no such module`,
        remedy: 'Correct the name, or remove them.',
        path,
        atKey: true,
      };
    }
    yield* checkSections(value, path);
  }
}

function* checkSections(module: object, path: string): Generator<Remark> {
  for (const [key, value] of Object.entries(module)) {
    const inner = `${path}${pointerStep(key)}`;
    if (key !== 'properties.desired' && !key.startsWith('properties.desired.')) {
      const remedy = 'A twin in a manifest has "properties.desired" alone.';
      yield { code: 'unknown-field', message: `IoT Hub passes over '${key}'`, remedy, path: inner, atKey: true };
      continue;
    }
    if (key === 'properties.desired' && !isJsonObject(value)) {
      yield invalid('properties.desired is no object', inner);
      continue;
    }
    yield* checkValue(value, inner, 0, false);
    yield* checkSize(value, inner);
  }
}

function* checkSize(value: unknown, path: string): Generator<Remark> {
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? '');
  if (bytes <= maxTwinBytes) return;
  yield invalid(`the desired properties have ${bytes} bytes; ${maxTwinBytes} is the most`, path);
}

function* checkValue(value: unknown, path: string, depth: number, isInArray: boolean): Generator<Remark> {
  if (typeof value === 'string' && Buffer.byteLength(value) > maxTextBytes) {
    yield invalid(`a text of ${Buffer.byteLength(value)} bytes; ${maxTextBytes} is the most`, path);
  }
  if (typeof value === 'number' && Number.isInteger(value) && (value < minInteger || value > maxInteger)) {
    yield invalid(`${value} is outside ${minInteger} … ${maxInteger}`, path);
  }
  if (value === null && isInArray) yield invalid('no null inside an array', path);
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxDepth) {
    yield invalid(`nested deeper than ${maxDepth}`, path);
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    const innerPath = `${path}${pointerStep(key)}`;
    const problem = Array.isArray(value) ? undefined : nameProblem(key);
    if (problem !== undefined) yield { ...invalid(problem, innerPath), atKey: true };
    yield* checkValue(inner, innerPath, depth + 1, isInArray || Array.isArray(value));
  }
}

function nameProblem(name: string): string | undefined {
  if (Buffer.byteLength(name) > maxNameBytes) return `a name of more than ${maxNameBytes} bytes`;
  return /[\p{Cc} .$]/u.test(name) ? `'${name}': no blank, control character, . or $ in a name` : undefined;
}

function invalid(message: string, path: string): Remark {
  return { code: 'twin-invalid', message, remedy: 'Change it to what a twin can hold.', path };
}

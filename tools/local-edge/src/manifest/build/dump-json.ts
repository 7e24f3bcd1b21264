import { NumberText, type SourceValue } from './json-source.ts';
import { pythonNumber } from './python-number.ts';

/** JSON without a blank, all of it ASCII: `json.dumps(value, separators=(',', ':'))`, which is what iotedgedev makes of createOptions. */
export function minifiedJson(value: SourceValue): string {
  if (Array.isArray(value)) return `[${value.map(minifiedJson).join(',')}]`;
  if (value instanceof Map) {
    return `{${[...value].map(([key, inner]) => `${asciiText(key)}:${minifiedJson(inner)}`).join(',')}}`;
  }
  return scalar(value);
}

/** JSON over several lines, two blanks deep, all of it ASCII: `json.dump(value, file, indent=2)`. */
export function indentedJson(value: SourceValue, indent = ''): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => `${inner}${indentedJson(item, inner)}`).join(',\n')}\n${indent}]`;
  }
  if (value instanceof Map) {
    if (value.size === 0) return '{}';
    const members = [...value].map(([key, item]) => `${inner}${asciiText(key)}: ${indentedJson(item, inner)}`);
    return `{\n${members.join(',\n')}\n${indent}}`;
  }
  return scalar(value);
}

function scalar(value: string | boolean | null | NumberText): string {
  if (value instanceof NumberText) return pythonNumber(value.source);
  return typeof value === 'string' ? asciiText(value) : String(value);
}

function asciiText(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

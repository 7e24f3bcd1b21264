import type { Paint } from './paint.ts';
import { plainText } from './plain-text.ts';

/** JSON over several lines, its names and values coloured as far as `paint` does that. */
export function paintJson(value: unknown, paint: Paint): string {
  // JSON.stringify escapes the control characters below 32, but not those that turn the direction of writing.
  return JSON.stringify(value, undefined, 2)
    .split('\n')
    .map((line) => paintLine(plainText(line), paint))
    .join('\n');
}

const member = /^(\s*)("(?:[^"\\]|\\.)*"): (.*)$/;

function paintLine(line: string, paint: Paint): string {
  const [, indent, name, rest] = member.exec(line) ?? [];
  return name === undefined
    ? paintValue(line, paint)
    : `${indent}${paint('cyan', name)}: ${paintValue(rest ?? '', paint)}`;
}

function paintValue(text: string, paint: Paint): string {
  const [, indent = '', value = '', comma = ''] = /^(\s*)(.*?)(,?)$/.exec(text) ?? [];
  if (value.startsWith('"')) return `${indent}${paint('green', value)}${comma}`;
  if (/^(?:-?\d|true|false)/.test(value)) return `${indent}${paint('yellow', value)}${comma}`;
  return value === 'null' ? `${indent}${paint('dim', value)}${comma}` : text;
}

import type { ModelPackage } from '@edgeveil/vision';

const WIDTH = 110;

/** `model.json` as a person would write it: one line a field, lists filled into lines. */
export function modelJsonText(model: ModelPackage): string {
  // Lists are taken out, written over as few lines as they need, and put back.
  return JSON.stringify(model, undefined, 2).replaceAll(/^( *)(.*)\[\n([^[\]{}]*?)\n *\]/gm, (_, indent, name, items) =>
    fill(
      String(indent),
      String(name),
      String(items)
        .split('\n')
        .map((item) => item.trim().replace(/,$/, '')),
    ),
  );
}

function fill(indent: string, name: string, items: readonly string[]): string {
  const short = `${indent}${name}[${items.join(', ')}]`;
  if (short.length <= WIDTH) {
    return short;
  }
  const lines: string[] = [];
  let line = '';
  for (const item of items) {
    const next = line === '' ? item : `${line}, ${item}`;
    if (line !== '' && indent.length + 2 + next.length > WIDTH) {
      lines.push(line);
      line = item;
    } else {
      line = next;
    }
  }
  lines.push(line);
  return `${indent}${name}[\n${lines.map((each) => `${indent}  ${each}`).join(',\n')}\n${indent}]`;
}

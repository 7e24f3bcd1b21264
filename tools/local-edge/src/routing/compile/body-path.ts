/** A member's name, an index, or `*` for everything in an object or array. */
export type BodyStep = { readonly name: string } | { readonly index: number } | { readonly all: 'members' | 'items' };

/** Where in a body to look. No steps at all: edgeHub takes the path, and its JSON library refuses it for every message. */
export interface BodyPath {
  readonly steps: readonly BodyStep[] | undefined;
}

const segment = /([^()<>@,;:\\"/[\]?={}.\t\n\r]+)(?:(\[)(?:([0-9]+)\])?)?/y;
const further = /\[([0-9]+)\]|\['([^']*)'\]|(\[\*\])|\.([^.[\]( ]+)/y;

/**
 * Parses what may follow `$body.`: `seg(.seg)*` with `seg` = `name` or `name[n]`. `undefined` when it is not a path. The grammar
 * looks at nothing beyond what it knows (JsonPath.g4), so that `a[0][1]` passes and Newtonsoft.Json has the last word.
 */
export function parseBodyPath(path: string): BodyPath | undefined {
  const steps: BodyStep[] = [];
  let offset = 0;
  do {
    segment.lastIndex = offset;
    const match = segment.exec(path);
    const [whole = '', name = '', bracket, index] = match ?? [];
    if (match === null || /^[0-9]+$/.test(name) || (bracket !== undefined && index === undefined)) return undefined;
    steps.push(name === '*' ? { all: 'members' } : { name });
    if (index !== undefined) steps.push({ index: Number(index) });
    offset += whole.length;
  } while (path[offset++] === '.');
  // A blank in a name is no trouble to the grammar, but to the library.
  return { steps: path.includes(' ') ? undefined : furtherSteps(path, offset - 1, steps) };
}

function furtherSteps(path: string, start: number, steps: readonly BodyStep[]): readonly BodyStep[] | undefined {
  const all = [...steps];
  for (let offset = start; offset < path.length; offset = further.lastIndex) {
    further.lastIndex = offset;
    const match = further.exec(path);
    if (match === null) return undefined;
    const [, index, quoted, star, name] = match;
    if (index !== undefined) all.push({ index: Number(index) });
    else if (star !== undefined) all.push({ all: 'items' });
    else if (name === '*') all.push({ all: 'members' });
    else all.push({ name: quoted ?? name ?? '' });
  }
  return all;
}

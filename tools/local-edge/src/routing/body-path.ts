export type BodyStep = string | number;

const segment = /^([^()<>@,;:\\"/?={}.[\]\t\n]+)(?:\[([0-9]+)\])?$/;

/** Parses what may follow `$body.`: `seg(.seg)*` with `seg` = `name` or `name[n]`. `undefined` when it is not a path. */
export function parseBodyPath(path: string): readonly BodyStep[] | undefined {
  const steps: BodyStep[] = [];
  for (const part of path.split('.')) {
    const match = segment.exec(part);
    const name = match?.[1];
    if (match === null || name === undefined || /^[0-9]+$/.test(name)) return undefined;
    steps.push(name);
    if (match[2] !== undefined) steps.push(Number(match[2]));
  }
  return steps;
}

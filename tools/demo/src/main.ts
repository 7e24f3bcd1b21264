import { parseArgs } from 'node:util';
import { SCENE_KINDS } from './scene-plan.ts';
import { writeScenes } from './write-scenes.ts';

const USAGE = `Usage: node tools/demo/src/main.ts scenes --out DIR [--count N] [--seed S] [--kind KIND] [--truth]

Writes drawn demo scenes, 1280 x 720 pixels, as SEED-KIND.jpg.

  --out DIR     the folder to write to; created where absent
  --count N     how many scenes (10)
  --seed S      the first seed; scene i has seed S + i (1)
  --kind KIND   ${SCENE_KINDS.join(', ')}; otherwise they take turns
  --truth       also writes SEED-KIND.json: the boxes of all persons, faces, plates, vehicles and parcels

Example: node tools/demo/src/main.ts scenes --count 30 --seed 1 --out scenes --truth
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return wrongUsage(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [count, seed] = [Number(values.count), Number(values.seed)];
  const kind = SCENE_KINDS.find((name) => name === values.kind);
  if (positionals.join(' ') !== 'scenes') return wrongUsage(`unknown command '${positionals.join(' ')}'`);
  if (values.out === undefined) return wrongUsage('--out is missing');
  if (!Number.isSafeInteger(count) || count < 1)
    return wrongUsage(`--count is '${values.count}', not a number above 0`);
  if (!Number.isSafeInteger(seed) || seed < 0) return wrongUsage(`--seed is '${values.seed}', not a whole number`);
  if (values.kind !== undefined && kind === undefined) return wrongUsage(`unknown kind '${values.kind}'`);
  try {
    const written = await writeScenes({ count, seed, directory: values.out, kind, truth: values.truth });
    process.stdout.write(`${written.length} scenes in ${values.out}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function parse(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      count: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      kind: { type: 'string' },
      truth: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
}

function wrongUsage(message: string): number {
  process.stderr.write(`${message}\n\n${USAGE}`);
  return 2;
}

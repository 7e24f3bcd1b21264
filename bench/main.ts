import { benchEndToEnd } from './end-to-end.ts';
import { benchOneProcess } from './one-process.ts';
import { renderTable } from './render-table.ts';
import { drawScenes } from './scenes.ts';

const COUNT = Number(process.argv[2] ?? 200);

const scenes = await drawScenes(COUNT);
console.log(
  `${scenes.length} scenes of 1280x720, ${Math.round(scenes.reduce((sum, { length }) => sum + length, 0) / scenes.length / 1000)} KB each on average\n`,
);
// Either goes first in one of two rounds: the machine's speed drifts.
const rounds = [];
for (const order of [
  ['one', 'suite'],
  ['suite', 'one'],
]) {
  const round: {
    one?: Awaited<ReturnType<typeof benchOneProcess>>;
    suite?: Awaited<ReturnType<typeof benchEndToEnd>>;
  } = {};
  for (const which of order) {
    if (which === 'one') round.one = await benchOneProcess(scenes);
    else round.suite = await benchEndToEnd(scenes);
  }
  if (round.one !== undefined && round.suite !== undefined) rounds.push({ one: round.one, suite: round.suite });
}
console.log(renderTable(rounds));

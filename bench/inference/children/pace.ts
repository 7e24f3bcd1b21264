import { median } from '../../hub/median.ts';

export interface Pace {
  readonly warmUp: number;
  readonly measureMs: number;
}

export interface Rate {
  readonly framesPerSecond: number;
  readonly cpuMs: number;
}

/** Repeats a step, `concurrency` of them side by side, and tells how often a second after the warm-up. */
export async function measureRate(
  step: (index: number) => Promise<void>,
  { warmUp, measureMs }: Pace,
  concurrency = 1,
): Promise<Rate> {
  let index = 0;
  const work = async (goesOn: () => boolean): Promise<void> => {
    while (goesOn()) {
      index += 1;
      await step(index);
    }
  };
  const all = (goesOn: () => boolean) => Promise.all(Array.from({ length: concurrency }, () => work(goesOn)));
  await all(() => index < warmUp);
  const first = index;
  const begun = performance.now();
  const cpu = process.cpuUsage();
  await all(() => performance.now() - begun < measureMs);
  const { user, system } = process.cpuUsage(cpu);
  const count = index - first;
  return { framesPerSecond: (count * 1000) / (performance.now() - begun), cpuMs: (user + system) / 1000 / count };
}

/** Median of the milliseconds that a step takes with nothing beside it. */
export async function measureSingles(step: (index: number) => Promise<void>, count: number): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const begun = performance.now();
    await step(index);
    times.push(performance.now() - begun);
  }
  return median(times);
}

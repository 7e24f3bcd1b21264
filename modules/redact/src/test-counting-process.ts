import { AggregateLedger } from './aggregate-ledger.ts';
import { face } from './test-scenes.ts';
import { makeFrame } from './test-site.ts';

// Run by aggregate-ledger.test.ts: counts frames after the given one and reports each, until it is killed.
const [path = '', last = '-1'] = process.argv.slice(2);
const ledger = await AggregateLedger.open(path, () => {});
for (let number = Number(last) + 1; number < 200; number++) {
  const { frame } = (await makeFrame(number)).result;
  ledger.count(frame, [face([0, 0, 1, 1])], { windowSeconds: 60, now: Date.now() });
  await new Promise((resolve) => process.send?.(number, resolve));
}

import assert from 'node:assert/strict';
import { RejectedError, TransientError } from '@edgeveil/contracts';
import { LineLog } from './log-lines/line-log.ts';
import { composePatches, Reporter } from './reporter.ts';
import { mergePatch } from './twin/merge-patch.ts';

type Patch = Readonly<Record<string, unknown>>;

const log = new LineLog({ scope: 'test', level: 'error', write: () => {} });

/** A link to a hub that answers as the test says. */
function createLink(answer: (patch: Patch, attempt: number) => Promise<void> | void) {
  const patches: Patch[] = [];
  const client = {
    lost: new Promise<Error>(() => {}),
    readDesired: () => Promise.reject(new TransientError('UNUSED', 'unused')),
    sendOutput: () => Promise.reject(new TransientError('UNUSED', 'unused')),
    serveMethods: () => {},
    close: async () => {},
    updateReported: async (patch: Patch) => {
      patches.push(patch);
      await answer(patch, patches.length);
    },
  };
  return { patches, use: <T>(operation: (hub: typeof client) => Promise<T>) => operation(client) };
}

describe('Reporter', () => {
  it('merges what gathers while a patch is under way into the next', async () => {
    const gate = Promise.withResolvers<void>();
    const link = createLink((_patch, attempt) => (attempt === 1 ? gate.promise : undefined));
    const reporter = new Reporter(link, log);
    const first = reporter.report({ a: 1 });
    while (link.patches.length === 0) await new Promise(setImmediate);
    const later = Promise.all([reporter.report({ b: { c: 1 } }), reporter.report({ b: { d: 2 }, a: null })]);
    gate.resolve();
    await first;
    await later;
    assert.deepEqual(link.patches, [{ a: 1 }, { b: { c: 1, d: 2 }, a: null }]);
  });

  it('sends again what was not answered', async () => {
    const link = createLink((_patch, attempt) => {
      if (attempt < 3) throw new TransientError('TIMEOUT', 'no answer');
    });
    await new Reporter(link, log, { firstMs: 1, maxMs: 1 }).report({ a: 1 });
    assert.deepEqual(link.patches, [{ a: 1 }, { a: 1 }, { a: 1 }]);
  });

  it('gives up what the hub refuses and goes on with the next', async () => {
    const link = createLink((patch) => {
      if ('bad' in patch) throw new RejectedError('REPORT_REFUSED', 'no');
    });
    const reporter = new Reporter(link, log);
    await assert.rejects(reporter.report({ bad: 1 }), { code: 'REPORT_REFUSED' });
    await reporter.report({ good: 1 });
    assert.deepEqual(link.patches, [{ bad: 1 }, { good: 1 }]);
  });

  it('refuses a patch that exceeds the limit of the hub', async () => {
    await assert.rejects(
      new Reporter(
        createLink(() => {}),
        log,
      ).report({ text: 'x'.repeat(33_000) }),
      {
        code: 'REPORT_TOO_LARGE',
      },
    );
  });

  it('rejects what waits when it is closed before the hub answered', async () => {
    const link = createLink(() => {
      throw new TransientError('TIMEOUT', 'no answer');
    });
    const reporter = new Reporter(link, log, { firstMs: 60_000, maxMs: 60_000 });
    const report = assert.rejects(reporter.report({ a: 1 }), { code: 'REPORT_STOPPED' });
    while (link.patches.length === 0) await new Promise(setImmediate);
    await reporter.close(AbortSignal.abort());
    await report;
    await assert.rejects(reporter.report({ a: 2 }), { code: 'REPORT_STOPPED' });
  });
});

describe('composePatches', () => {
  const bases: Patch[] = [{}, { a: 1 }, { a: { x: 1, y: 1 } }];
  const patches: Patch[] = [
    { a: null },
    { a: 2 },
    { a: { x: null } },
    { a: { y: 2 }, b: [1] },
    { a: { x: { z: 1 } } },
    { b: null },
    { a: [null] },
  ];

  it('does what the two do one after the other, wherever it says that it can', () => {
    for (const base of bases) {
      for (const first of patches) {
        for (const second of patches) {
          const composed = composePatches(first, second);
          if (composed === undefined) continue;
          assert.deepEqual(
            dropNulls(mergePatch(base, composed)),
            dropNulls(mergePatch(mergePatch(base, first), second)),
            JSON.stringify({ base, first, second }),
          );
        }
      }
    }
  });

  it('cannot express a removal followed by an object', () => {
    assert.equal(composePatches({ a: null }, { a: { x: 1 } }), undefined);
  });
});

/** A null in a subtree that is new says the same as its absence. */
function dropNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(entries.map(([key, inner]) => [key, dropNulls(inner)]));
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { testData } from '../../../../test/test-data.ts';
import { matchesSource, messageSourceOf, sourcePrefix } from './source.ts';

interface Vectors {
  readonly routeSourceMatch: { routeSource: string; messageSource: string; match: boolean }[];
  readonly messageSourceOf: { systemProperties: Record<string, string>; messageSource: string }[];
}

describe('message sources', () => {
  it('match as in edgeHub’s own test cases', function () {
    const vectors: Vectors = JSON.parse(readFileSync(testData(this, 'vectors/sources.json'), 'utf8'));
    assert.deepEqual([vectors.routeSourceMatch.length, vectors.messageSourceOf.length], [23, 2]);
    for (const { routeSource, messageSource, match } of vectors.routeSourceMatch) {
      assert.equal(matchesSource(sourcePrefix(routeSource), messageSource), match, `${routeSource} ${messageSource}`);
    }
    for (const { systemProperties, messageSource } of vectors.messageSourceOf) {
      assert.equal(messageSourceOf({ systemProperties: new Map(Object.entries(systemProperties)) }), messageSource);
    }
  });

  it('tell a message without an output from one with', () => {
    const plain = new Map([['connectionModuleId', 'm']]);
    const source = messageSourceOf({ systemProperties: plain });
    assert.equal(source, '/messages/modules/m');
    assert.equal(matchesSource(sourcePrefix('/messages/modules/m/outputs/*'), source), false);
    assert.equal(matchesSource(sourcePrefix('/messages/modules/m/*'), source), true);
    assert.equal(
      messageSourceOf({ systemProperties: new Map([...plain, ['outputName', 'o']]) }),
      '/messages/modules/m/outputs/o',
    );
  });

  it('do not take one module for another whose name begins the same', () => {
    assert.equal(matchesSource(sourcePrefix('/messages/modules/a'), '/messages/modules/ab'), false);
  });
});

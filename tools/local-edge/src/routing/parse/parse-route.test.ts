import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { testData } from '../../../../../test/test-data.ts';
import { endpointOf } from '../endpoint.ts';
import { sourcePrefix } from '../source.ts';
import { parseCondition, parseRoute, parseWholeCondition } from './parse-route.ts';

interface Vector {
  readonly route: string;
  readonly expected: {
    readonly error?: string;
    readonly sourcePrefix?: string;
    readonly condition?: string;
    readonly endpoint?: {
      kind: string;
      name?: string;
      function?: string;
      address?: string;
      module?: string;
      input?: string;
    };
  };
}

function summaryOf(route: string): Vector['expected'] {
  const parsed = parseRoute(route);
  if (!parsed.ok) return { error: 'RouteCompilationException' };
  const { source, conditionText, sink } = parsed.value;
  const endpoint = endpointOf(sink, 'device');
  return {
    sourcePrefix: sourcePrefix(source),
    condition: conditionText,
    endpoint:
      sink.kind === 'system' || 'error' in endpoint || endpoint.kind !== 'module'
        ? { kind: 'system', name: sink.name }
        : {
            kind: 'function',
            function: sink.name,
            address: sink.address,
            module: endpoint.module,
            input: endpoint.input,
          },
  };
}

describe('parseRoute', () => {
  it('agrees with edgeHub on its own test cases', function () {
    const vectors: Vector[] = JSON.parse(readFileSync(testData(this, 'vectors/routes.json'), 'utf8'));
    assert.equal(vectors.length, 20);
    for (const { route, expected } of vectors) {
      const { source: _source, ...rest } = { source: undefined, ...expected };
      assert.deepEqual(summaryOf(route), rest, route);
    }
  });

  it('ignores what follows the sink, whatever it is, and hands it out for a warning', () => {
    const parsed = parseRoute("FROM /* INTO $upstream WHERE a = 'b' @ \"");
    assert.ok(parsed.ok);
    assert.equal(parsed.value.ignoredText, "WHERE a = 'b' @ \"");
  });

  it('tells the place of a syntax error', () => {
    const parsed = parseRoute('FROM /messages/*\nWHERE a == 1 INTO $upstream');
    assert.ok(!parsed.ok);
    assert.deepEqual(parsed.problems[0]?.start, { line: 2, column: 10 });
  });

  it('lets /* open a comment when a */ follows anywhere, as edgeHub does', () => {
    assert.equal(parseRoute("FROM /messages/* WHERE t = 'x*/y' INTO $upstream").ok, false);
    assert.equal(parseRoute('FROM /* a comment */ /messages INTO $upstream').ok, true);
  });

  it('refuses a lone slash and a trailing one', () => {
    assert.equal(parseRoute('FROM / INTO $upstream').ok, false);
    assert.equal(parseRoute('FROM /messages/ INTO $upstream').ok, false);
  });

  it('refuses garbage without throwing', () => {
    for (const text of [
      '',
      ' ',
      'FROM',
      '\u0000',
      '(((',
      'FROM /a INTO $',
      'FROM /a WHERE ( INTO $upstream',
      '"',
      "'",
      '\\',
    ]) {
      assert.equal(parseRoute(text).ok, false, JSON.stringify(text));
    }
  });
});

describe('parseWholeCondition', () => {
  it('refuses what parseCondition passes over, and nothing at all', () => {
    for (const text of ["a = 'x' && b", "a = 'x')", '3 4', '']) {
      assert.equal(parseCondition(text).ok, true, text);
      assert.equal(parseWholeCondition(text).ok, false, text);
    }
    assert.equal(parseWholeCondition(" (a = 'x') ").ok, true);
  });
});

import assert from 'node:assert/strict';
import { compileCondition } from './compile/compile-condition.ts';
import { parseCondition } from './parse/parse-route.ts';
import type { RoutableMessage } from './value.ts';

const message: RoutableMessage = {
  properties: new Map([
    ['level', 'high'],
    ['empty', null],
    ['e5', 'a number to the lexer'],
  ]),
  systemProperties: new Map([
    ['contentType', 'application/json'],
    ['contentEncoding', 'utf-8'],
    ['messageId', 'm1'],
  ]),
  body: Buffer.from(
    JSON.stringify({
      zero: 0,
      text: 'b',
      nothing: null,
      table: [[1, 2], [3]],
      only: { one: 7 },
      'odd name': 1,
      list: ['x'],
    }),
  ),
};

function results(table: Readonly<Record<string, boolean | 'undefined' | 'compile-error'>>): void {
  const actual = Object.fromEntries(Object.keys(table).map((condition) => [condition, resultOf(condition)]));
  assert.deepEqual(actual, table);
}

function resultOf(condition: string): boolean | 'undefined' | 'compile-error' {
  const parsed = parseCondition(condition);
  if (!parsed.ok) return 'compile-error';
  const compiled = compileCondition(parsed.value, condition);
  return compiled.ok ? (compiled.matches(message) ?? 'undefined') : 'compile-error';
}

function problems(condition: string): string[] {
  const parsed = parseCondition(condition);
  const found = parsed.ok ? compileCondition(parsed.value, condition) : parsed;
  return found.ok ? [] : found.problems.map(({ message: text, start, end }) => `${start.column}-${end.column} ${text}`);
}

describe('the route language', () => {
  it('lexes as ANTLR does: longest match, then the first rule', () => {
    results({
      "level='high'": true,
      "level\n=\t'high'": true,
      "level = 'high' /* why */": true,
      "'a\nb' = 'a\nb'": true,
      'e5 = e5': 'undefined',
      'is_defined(-.5)': true,
      '0xFFFFFFFFFFFFFFFF = -1': true,
      'is_defined(0x10000000000000000)': false,
      TRUE: 'undefined',
      true: true,
      'level[0] = 1': 'compile-error',
      'level\u00a0= 1': 'compile-error',
      'a||b': 'undefined',
    });
  });

  it('resolves escapes in edgeHub’s order', () => {
    results({
      '"\\u0041" = \'A\'': true,
      '"\\\\" = \'\\\\\'': true,
      '"\\\\u0041" = "\\\\A"': true,
      "'\\'' = \"'\"": true,
    });
    assert.equal(resultOf('"a\\n" = \'a\''), 'compile-error');
  });

  it('ignores what cannot continue a condition that stands alone', () => {
    results({ "level = 'high' && nonsense": true, '3 = 3)': true, '3 = 3 4': true, '3 = )': 'compile-error' });
  });

  it('tells a property without text from null and from a missing one', () => {
    results({
      "empty = 'x'": 'undefined',
      'is_null(empty)': true,
      'is_defined(empty)': true,
      "concat('a', empty) = 'a'": true,
      '$body.text > empty': true,
      '$body.nothing > empty': true,
      "concat('a', $body.nothing) = 'a'": 'undefined',
      "(empty ?? 'x') = 'x'": 'undefined',
      'as_number(empty) = 0': 'undefined',
      'is_string(empty)': false,
    });
  });

  it('keeps a body’s not-a-number as a value', () => {
    results({
      'is_defined($body.zero / $body.zero)': true,
      '$body.zero / $body.zero < 0': true,
      'is_defined(0 / 0)': false,
      '0 / 0 < 1': 'undefined',
    });
  });

  it('answers is_… as edgeHub does, undefined included', () => {
    results({
      'is_bool(missing = level)': 'undefined',
      'is_bool(undefined)': false,
      'is_bool($body.table)': 'undefined',
      'is_number($body.table)': false,
      'is_string($body.table)': false,
      'is_null($body.missing)': false,
      'is_null($body.text)': true,
      'is_null($body.nothing)': true,
      'is_null($body.missing ?? 1)': false,
    });
  });

  it('walks body paths as far as the grammar and Newtonsoft.Json do together', () => {
    results({
      '$body.table[0][1] = 2': true,
      '{$body.table[1][0]} = 3': true,
      '$body.only.* = 7': true,
      '$body.table[0].* = null': true,
      "$body.list[0] = 'x'": true,
      '$body.list[1] = null': true,
      '$body.list[0]x = 1': 'undefined',
      '$body.list[]': 'compile-error',
      '$body.': 'compile-error',
      '$body.a..b': 'compile-error',
      $body: 'undefined',
      "$messageId = 'm1'": true,
      "{$messageId} = 'm1'": true,
      '{level} = 1': 'compile-error',
    });
  });

  it('reads bodies that only Newtonsoft.Json takes for JSON', () => {
    const of = (body: string, condition: string) => {
      const parsed = parseCondition(condition);
      assert.ok(parsed.ok);
      const compiled = compileCondition(parsed.value, condition);
      assert.ok(compiled.ok);
      return compiled.matches({ ...message, body: Buffer.from(body) });
    };
    assert.equal(of("{'n': 3,}", '$body.n = 3'), true);
    assert.equal(of('{"n": NaN}', '$body.n < 0'), true);
    assert.equal(of('{"n": 3} x', '$body.n = 3'), undefined);
    assert.equal(of(' '.repeat(200_000), '$body.n = 3'), undefined);
    assert.equal(of('{"n": '.repeat(40_000), '$body.n = 3'), undefined);
  });

  it('refuses operands that have no operator in edgeHub', () => {
    results({
      'null and undefined': 'compile-error',
      'undefined or null': 'compile-error',
      '$body.text and null': 'compile-error',
      '$body.text or null': 'undefined',
      '$body.text ?? undefined': 'compile-error',
      'undefined = $body.text': 'compile-error',
      'undefined and false': false,
      '$body.text and level': 'undefined',
      'true and $body.text': 'compile-error',
      '-$body.zero = 0': 'compile-error',
      '- ($body.zero) = 0': 'compile-error',
      '$body.zero % 2 = 0': 'compile-error',
      'twin_change_includes(properties.reported.x)': 'compile-error',
    });
  });

  it('checks ranges before it cuts off fractions', () => {
    results({
      "substring('hello', 1.9) = 'ello'": true,
      "is_defined(substring('hello', 0 - 0.5))": false,
      "is_defined(substring('hello', 3.5, 1.9))": false,
      "substring('hello', 5) = ''": true,
      "is_defined(substring('hello', 5, 0))": false,
    });
  });

  it('reads numbers in text as .NET does', () => {
    const read = (text: string) => resultOf(`is_defined(as_number('${text}'))`);
    for (const text of [
      '1,000',
      ' 3 ',
      '(5)',
      '5-',
      '5 -',
      '-5',
      '+5',
      '1e3',
      '.5',
      '5.',
      '¤5',
      '5¤',
      'Infinity',
      '1,,0',
    ]) {
      assert.equal(read(text), true, text);
    }
    for (const text of [
      '',
      ' ',
      ',5',
      '-5-',
      '(-5)',
      '(5',
      '5)',
      '- 5',
      '0x10',
      'NaN',
      '.',
      'e5',
      '5e',
      '¤5¤',
      '1.5,0',
    ]) {
      assert.equal(read(text), false, text);
    }
    results({ "as_number('(5)') = as_number('5-')": true, "as_number('-infinity') = -1 / 0": true });
  });

  it('changes case character by character', () => {
    results({ "upper('stra\u00dfe') = 'STRA\u00dfE'": true, "lower('\u03a3\u03a3') = '\u03c3\u03c3'": true });
  });

  it('words problems as edgeHub does', () => {
    assert.deepEqual(problems("not level = 'x' And $body.n % 2 = 0"), [
      "1-4 Invalid operands to unary operator 'not': have 'string', expected 'bool'",
      "11-12 Invalid operands to binary operator '=': have 'undefined' and 'string', expected 'undefined' and 'undefined'",
      "29-30 Invalid operands to binary operator '%': have 'unknown' and 'number', expected 'number' and 'number'",
      "33-34 Invalid operands to binary operator '=': have 'undefined' and 'number', expected 'undefined' and 'undefined'",
    ]);
    assert.deepEqual(problems("(level = 'x'"), ["1-2 Syntax error: missing closing ')'"]);
    assert.deepEqual(problems("((level) = 'x'").slice(0, 1), ["2-3 Syntax error: missing closing ')'"]);
    assert.deepEqual(problems("(lower(level)) = 'x'"), []);
    assert.deepEqual(problems('(3)) = 3').slice(0, 1), ["4-5 Syntax error: unmatched closing ')'"]);
    assert.deepEqual(problems('@ 3'), ["1-2 Syntax error: invalid symbol '@'"]);
    assert.deepEqual(problems('3 @ 3'), ["3-4 Syntax error: invalid symbol '@'"]);
    assert.deepEqual(problems('lower()'), ["1-6 Invalid arguments to built-in function 'lower': lower()"]);
  });

  it('gives every garbage a verdict, and every refusal a place in the text', () => {
    const plain = `level $body.a $body. {$x} 'x' "x '\\u12' 3 0x - ! != <> || ?? = /* */ ( ) (( , lower( substring( concat( AND or NOT null`;
    const odd = ['- ', '\n', '\u0000', '\ud800', '\u2028'];
    const rest = 'undefined INTO WHERE @ \\ [ ] e5 .5e % + $ { } ; :';
    const pieces = [...plain.split(' '), ...odd, ...rest.split(' ')];
    let seed = 7;
    const next = (count: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % count;
    };
    for (let round = 0; round < 4000; round += 1) {
      const condition = Array.from({ length: 1 + next(12) }, () => pieces[next(pieces.length)]).join(
        next(2) === 0 ? ' ' : '',
      );
      const parsed = parseCondition(condition);
      const compiled = parsed.ok ? compileCondition(parsed.value, condition) : parsed;
      if (compiled.ok) {
        assert.ok([true, false, undefined].includes(compiled.matches(message)), condition);
        continue;
      }
      assert.ok(compiled.problems.length > 0, condition);
      const lines = condition.split('\n').length;
      for (const { start, end } of compiled.problems) {
        assert.ok(start.line >= 1 && start.line <= lines && start.column >= 1 && end.column > start.column, condition);
      }
    }
  });

  it('survives conditions that are far too long or too deep', () => {
    const endless = [
      '('.repeat(50_000),
      `${'('.repeat(5000)}3${')'.repeat(5000)}`,
      `${'NOT '.repeat(50_000)}true`,
      Array.from({ length: 20_000 }, () => 'true').join(' AND '),
      `${'lower('.repeat(20_000)}level`,
      `${'@ '.repeat(20_000)}3`,
      `3${' @ 3'.repeat(20_000)}`,
    ];
    for (const condition of endless) assert.ok(['compile-error', true].includes(resultOf(condition)));
    assert.equal(resultOf(Array.from({ length: 900 }, () => 'true').join(' AND ')), true);
  });
});

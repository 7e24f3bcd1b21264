import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { testData } from '../../../../../test/test-data.ts';
import { parseCondition } from '../parse/parse-route.ts';
import type { RouteProblem } from '../position.ts';
import type { RoutableMessage } from '../value.ts';
import { parseBodyPath } from './body-path.ts';
import { compileCondition } from './compile-condition.ts';

interface Vector {
  readonly id: string;
  readonly condition: string;
  readonly expected: boolean | 'undefined' | 'compile-error' | 'no-throw';
  readonly message: {
    readonly properties?: Record<string, string | null>;
    readonly systemProperties?: Record<string, string | null>;
    readonly body?: string;
    readonly bodyBase64?: string;
  };
  readonly firstError?: string;
  readonly errorCount?: number;
  readonly location?: Pick<RouteProblem, 'start' | 'end'>;
}

const empty: RoutableMessage = { properties: new Map(), systemProperties: new Map(), body: Buffer.alloc(0) };

function messageOf({ message }: Vector): RoutableMessage {
  return {
    properties: new Map(Object.entries(message.properties ?? {})),
    systemProperties: new Map(Object.entries(message.systemProperties ?? {})),
    body: message.bodyBase64 ? Buffer.from(message.bodyBase64, 'base64') : Buffer.from(message.body ?? ''),
  };
}

function problemsOf(condition: string): readonly RouteProblem[] {
  const parsed = parseCondition(condition);
  if (!parsed.ok) return parsed.problems;
  const compiled = compileCondition(parsed.value, condition);
  return compiled.ok ? [] : compiled.problems;
}

function evaluate(condition: string, message: RoutableMessage = empty): string {
  const parsed = parseCondition(condition);
  if (!parsed.ok) return 'compile-error';
  const compiled = compileCondition(parsed.value, condition);
  return compiled.ok ? String(compiled.matches(message)) : 'compile-error';
}

describe('compileCondition', () => {
  it('agrees with edgeHub on its own test cases', function () {
    const vectors: Vector[] = JSON.parse(readFileSync(testData(this, 'vectors/conditions.json'), 'utf8'));
    assert.equal(vectors.length, 591);
    const failures = vectors.filter((vector) => {
      const actual = evaluate(vector.condition, messageOf(vector));
      return vector.expected === 'no-throw' ? actual === 'compile-error' : actual !== String(vector.expected);
    });
    assert.deepEqual(failures, []);
  });

  it('words its first problem as edgeHub does and finds its place', function () {
    const vectors: Vector[] = JSON.parse(readFileSync(testData(this, 'vectors/conditions.json'), 'utf8'));
    const asserted = vectors.filter(({ firstError }) => firstError !== undefined);
    assert.equal(asserted.length, 7);
    for (const { condition, firstError, errorCount, location } of asserted) {
      const problems = problemsOf(condition);
      const [first] = problems;
      assert.equal(first?.message, firstError, condition);
      if (errorCount !== undefined) assert.equal(problems.length, errorCount, condition);
      if (location !== undefined) assert.deepEqual({ start: first?.start, end: first?.end }, location, condition);
    }
  });

  it('computes edgeHub’s own expressions', function () {
    const vectors: { expression: string; value: number | string; type: string }[] = JSON.parse(
      readFileSync(testData(this, 'vectors/expressions.json'), 'utf8'),
    );
    assert.equal(vectors.length, 15);
    for (const { expression, value, type } of vectors) {
      const parsed = parseCondition(expression);
      assert.ok(parsed.ok, expression);
      const compiled = compileCondition(parsed.value, expression);
      assert.ok(compiled.ok, expression);
      assert.equal(compiled.type, type, expression);
      assert.equal(String(compiled.compiled.evaluate(empty) ?? 'NaN'), String(value), expression);
    }
  });

  it('knows the same body paths as edgeHub', function () {
    const vectors: { path: string; valid: boolean }[] = JSON.parse(
      readFileSync(testData(this, 'vectors/jsonpath.json'), 'utf8'),
    );
    assert.equal(vectors.length, 12);
    for (const { path, valid } of vectors) assert.equal(parseBodyPath(path) !== undefined, valid, path);
  });

  it('does not convert: a number against an application property is a problem', () => {
    assert.equal(
      problemsOf('temp > 30')[0]?.message,
      "Invalid operands to binary operator '>': have 'string' and 'number', expected 'string' and 'string'",
    );
  });

  it('names every problem of a condition, not only the first', () => {
    const condition = "temp > 30 AND\n nope(x) = 'y'";
    assert.deepEqual(
      problemsOf(condition).map(({ start }) => start),
      [
        { line: 1, column: 6 },
        { line: 2, column: 2 },
        { line: 2, column: 10 },
      ],
    );
  });

  it('takes a name with a hyphen for one name, and `a!` too', () => {
    const message = {
      ...empty,
      properties: new Map([
        ['my-key', 'x'],
        ['a!', 'y'],
      ]),
    };
    assert.equal(evaluate("my-key = 'x'", message), 'true');
    assert.equal(evaluate("a!='y'", message), 'true');
  });

  it('reads the body only when content type and encoding say that it may', () => {
    const body = Buffer.from('{"n":31}');
    const json = new Map([
      ['contentType', 'application/json'],
      ['contentEncoding', 'utf-8'],
    ]);
    assert.equal(evaluate('$body.n > 30', { ...empty, body }), 'undefined');
    assert.equal(evaluate('$body.n > 30', { ...empty, body, systemProperties: json }), 'true');
    assert.equal(evaluate('$body.missing > 30', { ...empty, body, systemProperties: json }), 'true');
  });

  it('survives bodies that are no objects, and names from the prototype', () => {
    const json = new Map([
      ['contentType', 'application/json'],
      ['contentEncoding', 'utf-8'],
    ]);
    for (const text of ['', '[]', 'null', '7', '{', '\uFEFF']) {
      assert.equal(evaluate('$body.a = 1', { ...empty, body: Buffer.from(text), systemProperties: json }), 'undefined');
    }
    const body = Buffer.from('{}');
    assert.equal(evaluate('is_defined($body.constructor)', { ...empty, body, systemProperties: json }), 'true');
    assert.equal(evaluate('$body.constructor = null', { ...empty, body, systemProperties: json }), 'true');
  });
});

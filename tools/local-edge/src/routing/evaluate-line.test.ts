import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { testData } from '../../../../test/test-data.ts';
import { evaluateLine } from './evaluate-line.ts';

const line = (value: object) => evaluateLine(JSON.stringify(value));

describe('evaluateLine', () => {
  it('agrees with every one of edgeHub’s own conditions, places of errors included', function () {
    const vectors: {
      condition: string;
      expected: boolean | string;
      firstError?: string;
      location?: { start: { line: number; column: number } };
    }[] = JSON.parse(readFileSync(testData(this, 'vectors/conditions.json'), 'utf8'));
    assert.equal(vectors.length, 591);
    for (const vector of vectors) {
      const { result, error } = line(vector);
      if (vector.expected === 'no-throw') assert.notEqual(result, 'compile-error', vector.condition);
      else assert.equal(String(result), String(vector.expected), vector.condition);
      if (vector.firstError !== undefined) assert.equal(error?.message, vector.firstError);
      const start = vector.location?.start;
      if (start !== undefined) assert.deepEqual({ line: error?.line, column: error?.column }, start);
    }
  });

  it('asks a route for its source as well', () => {
    const message = { properties: { level: 'high' }, systemProperties: { connectionModuleId: 'a', outputName: 'o' } };
    const route = "FROM /messages/modules/a/* WHERE level = 'high' INTO $upstream";
    assert.deepEqual(line({ route, message }), { result: true });
    assert.deepEqual(line({ route: route.replace('/a/', '/b/'), message }), { result: false });
    assert.deepEqual(line({ route: route.replace('level =', 'absent ='), message }), { result: 'undefined' });
    assert.deepEqual(line({ route: route.replace('high', 'low'), message }), { result: false });
    assert.deepEqual(line({ route: 'FROM /a INTO $upstream WHERE level > 3' }), { result: false });
    assert.deepEqual(line({ condition: 'true', from: '/messages/modules/b', message }), { result: false });
    assert.deepEqual(line({ condition: 'true', from: 'a test’s name', message }), { result: true });
  });

  it('takes a body as text, as a document and as bytes', () => {
    const systemProperties = { contentType: 'application/json', contentEncoding: 'utf-8' };
    const condition = '$body.n = 3';
    for (const body of [
      { body: '{"n":3}' },
      { body: { n: 3 } },
      { bodyBase64: Buffer.from('{"n":3}').toString('base64') },
    ]) {
      assert.deepEqual(line({ condition, message: { systemProperties, ...body } }), { result: true });
    }
    assert.deepEqual(line({ condition, message: { systemProperties } }), { result: 'undefined' });
  });

  it('answers a line that is no good, and says why', () => {
    for (const text of [
      '',
      '{',
      '[]',
      '7',
      '{}',
      '{"condition":3}',
      '{"condition":"true","message":{"properties":{"a":1}}}',
    ]) {
      const { result, error } = evaluateLine(text);
      assert.equal(result, 'invalid-line', text);
      assert.ok(error !== undefined && error.message.length > 5 && error.line === 1, text);
    }
    assert.match(
      line({ condition: 'true', message: { properties: { a: 1 } } }).error?.message ?? '',
      /^message\.properties\.a: /,
    );
  });
});

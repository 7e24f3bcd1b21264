import assert from 'node:assert/strict';
import { ConfigError } from '@edgeveil/contracts';
import { z } from 'zod';
import { refusalErrors, schemaErrors } from './twin-errors.ts';

function errorsOf(schema: z.ZodType, document: unknown) {
  const parsed = schema.safeParse(document);
  assert.ok(parsed.error);
  return schemaErrors(parsed.error, document);
}

describe('schemaErrors', () => {
  it('names path, message and value, in a form that reported properties can hold', () => {
    const schema = z.object({ policy: z.object({ labels: z.array(z.string()) }), n: z.number() });
    assert.deepEqual(errorsOf(schema, { policy: { labels: ['a', null] }, n: { deep: [1] } }), [
      { path: 'policy.labels.1', message: 'Invalid input: expected string, received null', value: 'null' },
      { path: 'n', message: 'Invalid input: expected number, received object', value: '{"deep":[1]}' },
    ]);
  });

  it('tells no secrets: the SAS of a URL, a login, a key', () => {
    const url = z.object({ url: z.url({ protocol: /^https$/ }) });
    const documents = [
      { url: 'http://a/b?sv=1&sig=Hidden' },
      { url: 'http://user:Hidden@a/b' },
      { url: 'AccountName=a;AccountKey=Hidden;BlobEndpoint=b' },
      { url: 'https://a/b?sig=Hidden', other: true },
    ];
    for (const document of documents) {
      assert.doesNotMatch(JSON.stringify(errorsOf(z.strictObject(url.shape), document)), /Hidden/);
    }
    const [login] = errorsOf(z.object({ password: z.number() }), { password: 'Hidden' });
    assert.equal(login?.value, undefined);
    assert.equal(errorsOf(url, documents[0])[0]?.value, '"http://a/b?…"');
  });

  it('cuts long values and many errors, so that the report fits the limits of the hub', () => {
    const errors = errorsOf(
      z.array(z.number()),
      Array.from({ length: 500 }, () => 'x'.repeat(5000)),
    );
    assert.equal(errors.length, 20);
    assert.ok(Buffer.byteLength(JSON.stringify(errors)) < 32_768);
    assert.ok(errors.every(({ value }) => Buffer.byteLength(value ?? '') <= 4096));
  });

  it('leaves out the value of what is missing', () => {
    assert.deepEqual(errorsOf(z.object({ n: z.number() }), {})[0]?.value, undefined);
  });
});

describe('refusalErrors', () => {
  it('gives the code and the path that the module names', () => {
    const error = new ConfigError('MODEL_MISSING', 'no model x', { details: { path: 'model' } });
    assert.deepEqual(refusalErrors(error), [{ path: 'model', message: 'MODEL_MISSING: no model x' }]);
  });
});

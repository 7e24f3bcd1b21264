import assert from 'node:assert/strict';
import { mergePatch } from './merge-patch.ts';

describe('mergePatch', () => {
  it('merges objects, removes on null and replaces everything else', () => {
    const base = { keep: 1, gone: 1, nested: { a: 1, b: { c: 1 } }, scalar: 1, object: { a: 1 } };
    const patch = { gone: null, nested: { b: { c: null, d: 2 } }, scalar: { a: 1 }, object: 'text', fresh: true };
    assert.deepEqual(mergePatch(base, patch), {
      keep: 1,
      nested: { a: 1, b: { d: 2 } },
      scalar: { a: 1 },
      object: 'text',
      fresh: true,
    });
    assert.equal(base.gone, 1);
  });

  it('replaces arrays whole, shorter ones and those of objects too', () => {
    assert.deepEqual(mergePatch({ list: [1, 2, 3], items: [{ a: 1 }] }, { list: [9], items: [{ b: 2 }] }), {
      list: [9],
      items: [{ b: 2 }],
    });
  });

  it('takes a subtree that did not exist as it is, nulls inside it included', () => {
    assert.deepEqual(mergePatch({}, { new: { a: null } }), { new: { a: null } });
  });

  it('does not touch prototypes', () => {
    const merged = mergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}'));
    assert.equal(Object.getPrototypeOf(merged), Object.prototype);
    assert.equal('polluted' in {}, false);
  });
});

import assert from 'node:assert/strict';
import { parseLenientObject } from './parse-lenient-json.ts';

describe('parseLenientObject', () => {
  it('reads what JSON.parse reads', () => {
    for (const value of [{}, { a: [1, -2.5e3, 'x\n\u00e4"\\/', true, null, {}] }, { '': { b: [[], [[]]] } }]) {
      assert.deepEqual(parseLenientObject(JSON.stringify(value, undefined, 1)), value);
    }
  });

  it('reads what Newtonsoft.Json lets pass', () => {
    assert.deepEqual(parseLenientObject("{'a': 'it\\'s', b_1: 2, /* why */ \"c\": [1, 2,], // end\n}"), {
      a: "it's",
      b_1: 2,
      c: [1, 2],
    });
    assert.deepEqual(parseLenientObject('{"a": 0x1F, "b": 017, "c": .5, "d": -Infinity, "a": 1}'), {
      a: 1,
      b: 15,
      c: 0.5,
      d: -Infinity,
    });
    assert.deepEqual(parseLenientObject(' {} /* after */ '), {});
    assert.equal(Object.hasOwn(parseLenientObject('{"__proto__": 1}') ?? {}, '__proto__'), true);
  });

  it('refuses the rest', () => {
    const deep = `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`;
    for (const text of [
      '',
      '[]',
      '7',
      '{',
      '{}}',
      '{} {}',
      '{"a"}',
      '{"a":}',
      '{,}',
      '{"a":1 "b":2}',
      '{"a":"\\q"}',
      '{"a":tru}',
      '{"a":[1 2]}',
      '\uFEFF{}',
      deep,
    ]) {
      assert.equal(parseLenientObject(text), undefined, text);
    }
  });
});

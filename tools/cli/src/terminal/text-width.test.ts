import assert from 'node:assert/strict';
import { shortened, textWidth } from './text-width.ts';

describe('textWidth', () => {
  it('counts columns, not code units: colours none, wide characters two, an accent with its letter one', () => {
    assert.equal(textWidth('plain'), 5);
    assert.equal(textWidth('\u001b[31mred\u001b[39m'), 3);
    assert.equal(textWidth('─→…'), 3);
    assert.equal(textWidth('温度'), 4);
    assert.equal(textWidth('👩🏽‍🚒'), 2);
    assert.equal(textWidth('e\u0301'), 1);
  });
});

describe('shortened', () => {
  it('never takes more columns than it may', () => {
    assert.equal(shortened('abcdef', 6), 'abcdef');
    assert.equal(shortened('abcdef', 4), 'abc…');
    assert.equal(shortened('温度温度', 5), '温度…');
    assert.equal(shortened('温度温度', 4), '温…');
  });
});

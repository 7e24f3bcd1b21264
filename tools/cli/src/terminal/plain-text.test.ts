import assert from 'node:assert/strict';
import { plainText } from './plain-text.ts';

describe('plainText', () => {
  it('keeps what a message holds from steering the terminal', () => {
    assert.equal(plainText('a\u001b[2J\u009bb\r\n\tc\u007f'), 'a\\u001b[2J\\u009bb\\r\\n\\tc\\u007f');
    assert.equal(plainText('\u202egnp.exe'), '\\u202egnp.exe');
  });

  it('leaves text in any language alone', () => {
    assert.equal(plainText('Größe 温度 👩🏽‍🚒'), 'Größe 温度 👩🏽‍🚒');
  });
});

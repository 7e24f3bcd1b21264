import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { decryptSecret, encryptSecret } from './secret-box.ts';

const key = randomBytes(32);
const iv = Buffer.from('initial');

describe('secrets of modules', () => {
  it('come back as they were, whatever their length and the vector’s', () => {
    for (const length of [0, 1, 16, 1000]) {
      for (const vector of [Buffer.from('i'), randomBytes(12), randomBytes(64)]) {
        const plaintext = randomBytes(length);
        const ciphertext = encryptSecret(key, plaintext, vector, 'm1');
        assert.equal(ciphertext[0], 2);
        assert.equal(ciphertext.length, length + 17);
        assert.deepEqual(decryptSecret(key, ciphertext, vector, 'm1'), plaintext);
      }
    }
  });

  it('are read in the form of old runtimes too, the tag in front', () => {
    const now = encryptSecret(key, Buffer.from('old'), iv, 'm1');
    const old = Buffer.concat([Buffer.from([1]), now.subarray(-16), now.subarray(1, -16)]);
    assert.equal(decryptSecret(key, old, iv, 'm1').toString(), 'old');
  });

  it('open for nobody else, not by another vector, and not when a bit has changed', () => {
    const ciphertext = encryptSecret(key, Buffer.from('secret'), iv, 'm1');
    const changed = Buffer.from(ciphertext);
    changed[3] = (changed[3] ?? 0) ^ 1;
    assert.throws(() => decryptSecret(key, ciphertext, iv, 'm2'));
    assert.throws(() => decryptSecret(key, ciphertext, Buffer.from('other'), 'm1'));
    assert.throws(() => decryptSecret(randomBytes(32), ciphertext, iv, 'm1'));
    assert.throws(() => decryptSecret(key, changed, iv, 'm1'));
    for (const garbage of ['', 'x', 'y'.repeat(40)]) {
      assert.throws(() => decryptSecret(key, Buffer.from(garbage), iv, 'm1'), RangeError);
    }
    assert.throws(() => encryptSecret(key, Buffer.from('x'), Buffer.alloc(0), 'm1'));
  });
});

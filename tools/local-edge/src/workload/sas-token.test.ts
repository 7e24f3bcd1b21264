import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { testData } from '../../../../test/test-data.ts';
import { createToken, encodeStrictly, formatToken, hmac, parseToken, tokenProblem } from './sas-token.ts';

interface Derived {
  readonly keyBase64: string;
  readonly host: string;
  readonly deviceId: string;
  readonly moduleId: string;
  readonly se: number;
  readonly dataToSign: string;
  readonly digestBase64: string;
  readonly token: string;
}

const key = Buffer.from('secret').toString('base64');
const audience = { hostNames: ['hub.local', '127.0.0.2'], deviceId: 'dev', moduleId: 'mod' };
const resource = 'hub.local/devices/dev/modules/mod';

function problem(token: string, keys = { own: key, device: undefined as string | undefined }): string | undefined {
  return tokenProblem(token, audience, keys, 1000);
}

describe('SAS tokens', () => {
  it('are signed and accepted as in the SDK’s own test cases', function () {
    const vectors: {
      tokens: (Partial<Derived> & {
        sr?: string;
        se: number;
        skn?: string | null;
        workloadDigest?: string;
        token: string;
      })[];
      derived: Derived[];
    } = JSON.parse(readFileSync(testData(this, 'vectors/sas.json'), 'utf8'));
    assert.deepEqual([vectors.tokens.length, vectors.derived.length], [3, 2]);
    for (const { keyBase64 = '', sr = '', se, skn, token, workloadDigest, ...name } of vectors.tokens) {
      if (workloadDigest === undefined) {
        assert.equal(createToken(keyBase64, sr, se, skn ?? undefined), token);
        continue;
      }
      // The digest comes from the workload API: only the token is put together here.
      const resource = encodeStrictly(`${name.host}/devices/${name.deviceId}/modules/${name.moduleId}`);
      assert.equal(formatToken({ resource, signature: workloadDigest, expiry: se }), token);
      assert.deepEqual(parseToken(token), { resource, signature: workloadDigest, expiry: se });
    }
    for (const { keyBase64, host, deviceId, moduleId, se, dataToSign, digestBase64, token } of vectors.derived) {
      assert.equal(`${encodeStrictly(`${host}/devices/${deviceId}/modules/${moduleId}`)}\n${se}`, dataToSign);
      assert.equal(hmac(keyBase64, dataToSign), digestBase64);
      assert.equal(createToken(keyBase64, `${host}/devices/${deviceId}/modules/${moduleId}`, se), token);
      const names = { hostNames: [host], deviceId, moduleId };
      assert.equal(tokenProblem(token, names, { own: keyBase64, device: undefined }, se - 1), undefined);
    }
  });

  it('prove their identity, by the name of the hub or of the gateway, in any case', () => {
    assert.equal(problem(createToken(key, resource, 1001)), undefined);
    assert.equal(problem(createToken(key, '127.0.0.2/devices/DEV/modules/Mod', 1001)), undefined);
  });

  it('of the device are good for its modules', () => {
    const token = createToken(key, 'hub.local/devices/dev', 1001);
    assert.equal(problem(token, { own: undefined as never, device: key }), undefined);
    assert.match(problem(token) ?? '', /not known/);
  });

  it('prove nothing when they are late, of another key, for another name, or no tokens', () => {
    assert.match(problem(createToken(key, resource, 1000)) ?? '', /expired/);
    assert.match(problem(createToken(Buffer.from('other').toString('base64'), resource, 1001)) ?? '', /signature/);
    assert.match(problem(createToken(key, 'evil.net/devices/dev/modules/mod', 1001)) ?? '', /host/);
    assert.match(problem(createToken(key, 'hub.local/devices/x/modules/mod', 1001)) ?? '', /device/);
    assert.match(problem(createToken(key, 'hub.local/devices/dev/modules/x', 1001)) ?? '', /module/);
    assert.match(problem(createToken(key, 'hub.local/devices/dev/modules/mod/extra', 1001)) ?? '', /names no/);
    for (const text of ['', 'x', 'SharedAccessSignature ', 'SharedAccessSignature sr=%&sig=a&se=1']) {
      assert.notEqual(problem(text), undefined, text);
    }
  });
});

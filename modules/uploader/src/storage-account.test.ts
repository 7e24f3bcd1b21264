import assert from 'node:assert/strict';
import { ConfigError } from '@edgeveil/contracts';
import { openStorageAccount } from './storage-account.ts';

describe('openStorageAccount', () => {
  const SECRET = 'c2VjcmV0LWtleQ==';

  function failure(connectionString: string | undefined): ConfigError {
    try {
      openStorageAccount(connectionString);
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error;
    }
    assert.fail('was accepted');
  }

  it('takes an account key, a shared access signature, and the development account', () => {
    const key = openStorageAccount(`AccountName=plant;AccountKey=${SECRET};EndpointSuffix=core.windows.net`);
    assert.equal(key.url, 'https://plant.blob.core.windows.net/');
    const sas = openStorageAccount(
      'BlobEndpoint=https://plant.blob.core.windows.net;SharedAccessSignature=sv=2024&sig=abc%3D',
    );
    assert.equal(sas.accountName, 'plant');
    assert.equal(openStorageAccount('UseDevelopmentStorage=true').accountName, 'devstoreaccount1');
    const short = openStorageAccount(`AccountName=plant;AccountKey=${SECRET}`);
    assert.equal(short.url, 'https://plant.blob.core.windows.net/');
    const edge = `DefaultEndpointsProtocol=http;BlobEndpoint=http://blob:11002/local;AccountName=local;AccountKey=${SECRET}`;
    assert.equal(openStorageAccount(edge).url, 'http://blob:11002/local');
  });

  it('takes an unexpanded variable for none', () => {
    for (const text of [
      undefined,
      '',
      '  ',
      '$EDGEVEIL_STORAGE_CONNECTION_STRING',
      '${EDGEVEIL_STORAGE_CONNECTION_STRING}',
    ]) {
      assert.equal(failure(text).code, 'STORAGE_NOT_CONFIGURED');
    }
  });

  it('says what is wrong with a malformed one', () => {
    for (const [text, problem] of [
      ['nonsense', /form/],
      [`AccountKey=${SECRET}`, /AccountName/],
      ['AccountName=plant', /AccountKey/],
      ['AccountName=plant;AccountKey=not base64!', /base64/],
      [`AccountName=plant;AccountKey=${SECRET};BlobEndpoint=blob:11002`, /http/],
      ['SharedAccessSignature=sv=2024&sig=abc', /BlobEndpoint/],
    ] as const) {
      const error = failure(text);
      assert.equal(error.code, 'STORAGE_CONNECTION_STRING_INVALID');
      assert.match(error.message, problem);
    }
  });

  it('never repeats a secret', () => {
    for (const text of [
      `AccountKey=${SECRET}`,
      `AccountName=;AccountKey=${SECRET}`,
      `AccountName=a;AccountKey=${SECRET}?!`,
    ]) {
      const error = failure(text);
      assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, new RegExp(SECRET.slice(0, 8)));
    }
  });
});

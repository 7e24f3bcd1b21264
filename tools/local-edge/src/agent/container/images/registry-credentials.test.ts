import assert from 'node:assert/strict';
import { credentialsFor, registryCredentials } from './registry-credentials.ts';

describe('registry credentials', () => {
  const all = registryCredentials({
    type: 'docker',
    settings: {
      registryCredentials: {
        azure: { address: 'Site.azurecr.io', username: 'u1', password: 'p1' },
        local: { address: 'http://localhost:5000/v2/', username: 'u2', password: 'p2' },
        hub: { address: 'https://index.docker.io/v1/', username: 'u3', password: 'p3' },
        second: { address: 'site.azurecr.io', username: 'u4', password: 'p4' },
      },
    },
  });

  it('are those of the first registry that the image names', () => {
    const userFor = (image: string) => credentialsFor(image, all)?.username;
    assert.equal(userFor('site.azurecr.io/team/camera:1.0'), 'u1');
    assert.equal(userFor('localhost:5000/camera'), 'u2');
    assert.equal(userFor('camera:1'), 'u3');
    assert.equal(userFor('team/camera'), 'u3');
    assert.equal(userFor('other.azurecr.io/camera'), undefined);
    assert.equal(userFor('localhost/camera'), undefined);
  });

  it('are none where the manifest has none', () => {
    for (const runtime of [{}, { settings: {} }, { settings: { registryCredentials: { a: { address: 1 } } } }]) {
      assert.deepEqual(registryCredentials(runtime), []);
    }
  });
});

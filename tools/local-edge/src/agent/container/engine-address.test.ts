import assert from 'node:assert/strict';
import { describeAddress, engineAddress } from './engine-address.ts';

describe('engineAddress', () => {
  it("reads DOCKER_HOST's forms, and has Docker's own socket without one", () => {
    for (const text of [undefined, '', 'unix://']) {
      assert.deepEqual(engineAddress(text), { socketPath: '/var/run/docker.sock' });
    }
    assert.deepEqual(engineAddress('unix:///run/user/1000/docker.sock'), { socketPath: '/run/user/1000/docker.sock' });
    assert.deepEqual(engineAddress('/run/podman.sock'), { socketPath: '/run/podman.sock' });
    assert.deepEqual(engineAddress('tcp://127.0.0.1:2376'), { host: '127.0.0.1', port: 2376, protocol: 'http' });
    assert.deepEqual(engineAddress('tcp://[::1]'), { host: '::1', port: 2375, protocol: 'http' });
    assert.equal(describeAddress(engineAddress('http://localhost:80')), 'localhost:80');
  });

  it('refuses what leads elsewhere', () => {
    for (const text of ['ssh://there', 'https://there', 'tcp://', 'unix:relative', 'docker.sock']) {
      assert.throws(() => engineAddress(text), { code: 'EDGE_ENGINE_UNAVAILABLE' }, text);
    }
  });
});

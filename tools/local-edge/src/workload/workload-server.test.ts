import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError } from '@edgeveil/contracts';
import type { FastifyInstance } from 'fastify';
import { CertificateAuthority } from '../pki/certificate-authority.ts';
import { openMasterKey } from '../pki/master-key.ts';
import { hmac } from './sas-token.ts';
import { createSocketFolder } from './socket-folder.ts';
import { listenWorkload, type WorkloadOptions } from './workload-server.ts';

const key = Buffer.from('secret').toString('base64');
const version = 'api-version=2018-06-28';

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: Record<string, unknown>;
}

describe('workload API', () => {
  let dir: string;
  let path: string;
  let server: FastifyInstance | undefined;
  let options: WorkloadOptions;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    path = join(dir, 'm.sock');
    options = {
      deviceId: 'dev 1',
      hubName: 'hub.local',
      authority: await CertificateAuthority.open(join(dir, 'pki')),
      masterKey: await openMasterKey(join(dir, 'pki')),
      modules: () => [{ id: 'id', name: 'm!' }],
      moduleId: 'm!',
      generationId: '1',
      key,
    };
  });

  beforeEach(async () => {
    server = await listenWorkload(path, options);
  });

  afterEach(() => server?.close());
  after(() => rm(dir, { recursive: true, force: true }));

  function call(method: string, url: string, body?: string, type = 'application/json; charset=utf-8'): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const headers = type === '' ? {} : { 'content-type': type };
      const call = request({ socketPath: path, method, path: url, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            body: JSON.parse(Buffer.concat(chunks).toString()),
          }),
        );
      });
      call.on('error', reject);
      call.end(body);
    });
  }

  const post = (action: string, body: unknown, module = 'm%21') =>
    call('POST', `/modules/${module}/${action}?${version}`, JSON.stringify(body));
  const sign = (module: string, data: unknown) =>
    post('genid/1/sign', { keyId: 'primary', algo: 'HMACSHA256', data }, module);
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  it('gives the trust bundle as JSON, by its content type too', async () => {
    const { status, type, body } = await call('GET', `/trust-bundle?${version}`);
    assert.equal(status, 200);
    assert.match(type, /application\/json/);
    assert.deepEqual(body, { certificate: options.authority.pem });
  });

  it('has no trust for signed manifests, and lists the modules', async () => {
    assert.deepEqual((await call('GET', `/manifest-trust-bundle?${version}`)).body, { certificate: '' });
    assert.deepEqual((await call('GET', `/modules?${version}`)).body, { modules: [{ id: 'id', name: 'm!' }] });
  });

  it('signs with the module’s own key, whether or not the body says what it is', async () => {
    const { status, body } = await sign('m%21', base64('text\n1'));
    assert.equal(status, 200);
    assert.deepEqual(body, { digest: hmac(key, 'text\n1') });
    const untyped = await call(
      'POST',
      `/modules/m%21/genid/1/sign?${version}`,
      JSON.stringify({ data: base64('x') }),
      '',
    );
    assert.deepEqual(untyped.body, { digest: hmac(key, 'x') });
  });

  it('encrypts and decrypts, after a restart too, for the same module and generation only', async () => {
    const initializationVector = base64('initial vector');
    const encrypted = await post('genid/1/encrypt', { plaintext: base64('secret'), initializationVector });
    assert.equal(encrypted.status, 200);
    await server?.close();
    server = await listenWorkload(path, { ...options, masterKey: await openMasterKey(join(dir, 'pki')) });
    const { ciphertext } = encrypted.body;
    const decrypted = await post('genid/1/decrypt', { ciphertext, initializationVector });
    assert.deepEqual([decrypted.status, decrypted.body], [200, { plaintext: base64('secret') }]);
    assert.equal((await post('genid/2/decrypt', { ciphertext, initializationVector })).status, 500);
    const other = { ciphertext, initializationVector: base64('other') };
    assert.equal((await post('genid/1/decrypt', other)).status, 500);
  });

  it('refuses with aziot-edged’s statuses', async () => {
    const url = `/modules/m%21/genid/1/sign?${version}`;
    const cases: [Promise<Reply>, number, RegExp?][] = [
      [sign('other', 'YQ=='), 403],
      [post('genid/1/encrypt', { plaintext: 'YQ==', initializationVector: 'YQ==' }, 'other'), 403],
      [post('genid/1/decrypt', { ciphertext: 'YQ==', initializationVector: 'YQ==' }, 'other'), 403],
      [post('genid/1/certificate/server', { commonName: 'x' }, 'other'), 403],
      [post('certificate/identity', {}, 'other'), 403],
      [sign('m%21', '***'), 400, /invalid base64 encoding/],
      [post('genid/1/encrypt', { plaintext: '~', initializationVector: 'YQ==' }), 400],
      [post('genid/1/encrypt', { plaintext: 'YQ==', initializationVector: '~' }), 400],
      [post('genid/1/encrypt', { plaintext: 'YQ==', initializationVector: '' }), 500],
      [post('genid/1/decrypt', { ciphertext: 'YQ==', initializationVector: 'YQ==' }), 500],
      [sign('m%21', 5), 422],
      [post('genid/1/encrypt', { plaintext: 'YQ==' }), 422],
      [call('POST', url, '{'), 422],
      [call('POST', url), 400, /missing request body/],
      [call('POST', url, '{"data":"YQ=="}', 'text/plain'), 400, /missing request body/],
      [call('POST', url, `{"data":"${'A'.repeat(2_000_000)}"}`), 413],
      [post('genid/1/certificate/server', { commonName: 'x'.repeat(65) }), 400],
      [post('genid/1/certificate/server', { commonName: '\u0000' }), 400],
      [call('GET', '/trust-bundle'), 400, /^api-version not specified$/],
      [call('GET', '/trust-bundle?api-version=2017-01-01'), 400, /^invalid api-version "2017-01-01"$/],
      [call('GET', `/nothing?${version}`), 404, /^not found$/],
    ];
    for (const [index, [reply, status, message]] of cases.entries()) {
      const { status: actual, body } = await reply;
      assert.equal(actual, status, `case ${index}: ${JSON.stringify(body)}`);
      assert.equal(typeof body.message, 'string');
      if (message !== undefined) assert.match(String(body.message), message);
    }
  });

  it('takes every version of the API that aziot-edged takes', async () => {
    for (const date of [
      '2018-06-28',
      '2019-01-30',
      '2019-10-22',
      '2019-11-05',
      '2020-07-07',
      '2021-12-07',
      '2022-08-03',
    ]) {
      assert.equal((await call('GET', `/trust-bundle?api-version=${date}`)).status, 200);
    }
  });

  describe('certificates', () => {
    before(function () {
      if (spawnSync('openssl', ['version']).status === 0) return;
      console.log('      skipped: there is no openssl here');
      this.skip();
    });

    async function openssl(...args: string[]): Promise<string> {
      return (await promisify(execFile)('openssl', args)).stdout;
    }

    async function issued(action: string, body: unknown): Promise<{ file: string; expiration: string; text: string }> {
      const { status, body: reply } = await post(action, body);
      assert.equal(status, 201);
      const { privateKey, certificate, expiration } = reply;
      assert.equal((privateKey as { type: string }).type, 'key');
      const file = join(dir, 'issued.pem');
      await writeFile(file, String(certificate));
      await writeFile(join(dir, 'issued.key'), (privateKey as { bytes: string }).bytes);
      await writeFile(join(dir, 'trust.pem'), options.authority.pem);
      const [own, given] = await Promise.all([
        openssl('pkey', '-in', join(dir, 'issued.key'), '-pubout'),
        openssl('x509', '-in', file, '-noout', '-pubkey'),
      ]);
      assert.equal(own, given);
      return { file, expiration: String(expiration), text: await openssl('x509', '-in', file, '-noout', '-text') };
    }

    it('of servers are good for their name and the module’s, below the trust bundle', async () => {
      const { file, expiration, text } = await issued('genid/1/certificate/server', { commonName: 'my.host' });
      const verify = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', join(dir, 'trust.pem')];
      assert.match(await openssl(...verify, '-verify_hostname', 'my.host', file), /OK/);
      await assert.rejects(openssl(...verify, '-verify_hostname', 'other.host', file));
      await assert.rejects(openssl('verify', '-purpose', 'sslclient', '-CAfile', join(dir, 'trust.pem'), file));
      assert.match(text, /DNS:my\.host, DNS:m!/);
      const end = await openssl('x509', '-in', file, '-noout', '-enddate', '-dateopt', 'iso_8601');
      assert.equal(Date.parse(expiration), Date.parse(end.trim().slice('notAfter='.length)));
      assert.ok(Date.parse(expiration) > Date.now());
      const address = await issued('genid/1/certificate/server', { commonName: '127.0.0.9', expiration: 'ignored' });
      assert.match(await openssl(...verify, '-verify_ip', '127.0.0.9', address.file), /OK/);
    });

    it('of identities are the client’s, and name the module', async () => {
      const { file, text } = await issued('certificate/identity', {});
      const verify = ['verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', join(dir, 'trust.pem')];
      assert.match(await openssl(...verify, file), /OK/);
      assert.match(text, /URI:azureiot:\/\/hub\.local\/devices\/dev%201\/modules\/m!/);
      assert.match(text, /Subject: CN ?= ?m!/);
    });
  });

  it('takes the place of a socket that a killed runtime left behind', async () => {
    await server?.close();
    await writeFile(path, '');
    server = await listenWorkload(path, options);
    assert.equal((await call('GET', `/trust-bundle?${version}`)).status, 200);
  });

  it('lives on when it is sent garbage', async () => {
    for (const bytes of ['\0', 'GET', 'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', 'x'.repeat(100_000)]) {
      const socket = connect(path);
      socket.on('error', () => undefined);
      socket.resume();
      socket.end(bytes);
      await new Promise((resolve) => socket.once('close', resolve));
    }
    assert.equal((await call('GET', `/trust-bundle?${version}`)).status, 200);
  });

  it('refuses a path that is too long for a socket', async () => {
    await assert.rejects(
      listenWorkload(join(dir, 'x'.repeat(100)), options),
      (error) => error instanceof ConfigError && error.code === 'EDGE_SOCKET_PATH_TOO_LONG',
    );
  });
});

describe('createSocketFolder', () => {
  it('stays within the limit however long the state folder and the module names are', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    const folder = await createSocketFolder(join(dir, 'deep'.repeat(30)), tmpdir());
    try {
      const paths = ['a'.repeat(60), 'b'.repeat(60), 'short'].map((module) => folder.path(module));
      assert.equal(new Set(paths).size, 3);
      assert.equal(folder.path('a'.repeat(60)), paths[0]);
      for (const path of paths) assert.ok(Buffer.byteLength(path) <= 103, path);
    } finally {
      await folder.remove();
      await rm(dir, { recursive: true, force: true });
    }
  });
});

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { CertificateAuthority } from './certificate-authority.ts';
import { serverCertificate } from './server-certificate.ts';

const dayMs = 86_400_000;

describe('CertificateAuthority', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('is made once and kept where only its owner can read it', async () => {
    const { pem } = await CertificateAuthority.open(dir);
    assert.equal((await CertificateAuthority.open(dir)).pem, pem);
    assert.equal((await stat(join(dir, 'root-ca.key.pem'))).mode & 0o777, 0o600);
    const root = new X509Certificate(pem);
    assert.equal(root.ca, true);
    assert.ok(root.verify(root.publicKey));
  });

  it('is made anew when it has nearly run out', async () => {
    const { pem } = await CertificateAuthority.open(dir);
    const later = () => Date.now() + 3630 * dayMs;
    assert.notEqual((await CertificateAuthority.open(dir, later)).pem, pem);
  });

  it('says so when its files are garbage, and leaves them alone', async () => {
    await writeFile(join(dir, 'root-ca.pem'), 'garbage');
    await writeFile(join(dir, 'root-ca.key.pem'), 'garbage');
    await assert.rejects(
      CertificateAuthority.open(dir),
      (error) => error instanceof ConfigError && error.code === 'EDGE_STATE_UNUSABLE',
    );
    assert.equal(await readFile(join(dir, 'root-ca.pem'), 'utf8'), 'garbage');
  });

  it('issues a server certificate for an address and names, which is kept while it is good', async () => {
    const authority = await CertificateAuthority.open(dir);
    const names = { address: '127.0.0.9', dnsNames: ['localhost'] };
    const issued = await serverCertificate(dir, authority, names);
    const certificate = new X509Certificate(issued.certificate);
    assert.equal(certificate.subjectAltName, 'DNS:localhost, IP Address:127.0.0.9');
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    assert.equal(certificate.ca, false);
    assert.ok(certificate.verify(new X509Certificate(authority.pem).publicKey));
    assert.deepEqual(await serverCertificate(dir, authority, names), {
      key: issued.key,
      certificate: issued.certificate,
    });
  });

  it('issues another when the address changes, when time runs out, when the root is new, and when the file is torn', async () => {
    const authority = await CertificateAuthority.open(dir);
    const names = { address: '127.0.0.9', dnsNames: ['localhost'] };
    let { certificate } = await serverCertificate(dir, authority, names);
    const isAnother = async (...args: Parameters<typeof serverCertificate>) => {
      const next = await serverCertificate(...args);
      assert.notEqual(next.certificate, certificate);
      certificate = next.certificate;
    };
    await isAnother(dir, authority, { ...names, address: '127.0.0.10' });
    await isAnother(dir, authority, { address: '127.0.0.10', dnsNames: ['localhost', 'edge.local'] });
    const last = { address: '127.0.0.10', dnsNames: ['localhost', 'edge.local'] };
    await isAnother(dir, authority, last, () => Date.now() + 380 * dayMs);
    await writeFile(join(dir, 'server.pem'), (await readFile(join(dir, 'server.pem'), 'utf8')).slice(0, 500));
    await isAnother(dir, authority, last);
    await rm(join(dir, 'root-ca.pem'));
    await isAnother(dir, await CertificateAuthority.open(dir), last);
  });
});

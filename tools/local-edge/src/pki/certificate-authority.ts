import { randomBytes, type webcrypto } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { createKeyPair, importPrivateKey, privateKeyPem, signingAlgorithm } from './key-pair.ts';
import { writeSecret } from './write-secret.ts';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from './x509.ts';

export interface IssuedCertificate {
  /** PKCS#8 PEM. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
  readonly notAfter: Date;
}

export interface CertificateRequest {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  readonly uris?: readonly string[];
  readonly purpose: 'server' | 'client';
}

const dayMs = 86_400_000;
const rootDays = 3650;
// Longer ones are refused by some TLS clients.
const leafDays = 397;

/** The root that everything on the edge device trusts: made once, kept with the state. */
export class CertificateAuthority {
  readonly #certificate: X509Certificate;
  readonly #key: webcrypto.CryptoKey;
  readonly #clock: () => number;

  constructor(certificate: X509Certificate, key: webcrypto.CryptoKey, clock: () => number) {
    this.#certificate = certificate;
    this.#key = key;
    this.#clock = clock;
  }

  /** Opens the authority in a folder, making it at first use or when less than 30 days are left. @throws ConfigError EDGE_STATE_UNUSABLE */
  static async open(dir: string, clock: () => number = Date.now): Promise<CertificateAuthority> {
    const certificatePath = join(dir, 'root-ca.pem');
    const keyPath = join(dir, 'root-ca.key.pem');
    try {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const pems = await Promise.all([readFile(certificatePath, 'utf8'), readFile(keyPath, 'utf8')]).catch(absent);
      if (pems !== undefined) {
        const certificate = new X509Certificate(pems[0]);
        if (certificate.notAfter.getTime() - clock() > 30 * dayMs) {
          return new CertificateAuthority(certificate, await importPrivateKey(pems[1]), clock);
        }
      }
      const { certificate, key } = await createRoot(clock());
      await writeSecret(keyPath, await privateKeyPem(key));
      await writeSecret(certificatePath, `${certificate.toString('pem')}\n`);
      return new CertificateAuthority(certificate, key, clock);
    } catch (cause) {
      throw new ConfigError('EDGE_STATE_UNUSABLE', `the certificate authority in ${dir} cannot be used`, { cause });
    }
  }

  /** The root certificate as PEM: what modules trust. */
  get pem(): string {
    return `${this.#certificate.toString('pem')}\n`;
  }

  /** Whether a certificate was issued by this root. */
  async hasIssued(certificatePem: string): Promise<boolean> {
    try {
      return await new X509Certificate(certificatePem).verify({
        publicKey: this.#certificate.publicKey,
        signatureOnly: true,
      });
    } catch {
      return false;
    }
  }

  async issue({ commonName, dnsNames, addresses, uris = [], purpose }: CertificateRequest): Promise<IssuedCertificate> {
    const keys = await createKeyPair();
    const now = this.#clock();
    const certificate = await X509CertificateGenerator.create({
      serialNumber: randomBytes(16).toString('hex'),
      subject: [{ CN: [commonName] }],
      issuer: this.#certificate.subject,
      // A minute back, for clients whose clock is a little behind.
      notBefore: new Date(now - 60_000),
      notAfter: new Date(Math.min(now + leafDays * dayMs, this.#certificate.notAfter.getTime())),
      publicKey: keys.publicKey,
      signingKey: this.#key,
      signingAlgorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([
          purpose === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth,
        ]),
        new SubjectAlternativeNameExtension([
          ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
          ...addresses.map((value) => ({ type: 'ip' as const, value })),
          ...uris.map((value) => ({ type: 'url' as const, value })),
        ]),
        // Strict clients, Python 3.13 among them, ask for both.
        await AuthorityKeyIdentifierExtension.create(this.#certificate.publicKey),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return {
      key: await privateKeyPem(keys.privateKey),
      certificate: `${certificate.toString('pem')}\n`,
      notAfter: certificate.notAfter,
    };
  }
}

async function createRoot(now: number): Promise<{ certificate: X509Certificate; key: webcrypto.CryptoKey }> {
  const keys = await createKeyPair();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(16).toString('hex'),
    name: [{ CN: ['Edgeveil local edge root CA'] }],
    notBefore: new Date(now - 60_000),
    notAfter: new Date(now + rootDays * dayMs),
    keys,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(true, 1, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, key: keys.privateKey };
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}

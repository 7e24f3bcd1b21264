import { webcrypto } from 'node:crypto';
import { PemConverter } from './x509.ts';

/** ECDSA on P-256 with SHA-256: what every TLS client takes, and a millisecond to make. */
export const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export async function createKeyPair(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
}

/** The private key as PKCS#8 PEM. */
export async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

export async function importPrivateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [bytes] = PemConverter.decode(pem);
  return webcrypto.subtle.importKey('pkcs8', bytes ?? new ArrayBuffer(0), signingAlgorithm, true, ['sign']);
}

import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificateAuthority } from './certificate-authority.ts';
import { writeSecret } from './write-secret.ts';

export interface ServerCertificate {
  readonly key: string;
  readonly certificate: string;
}

const renewBeforeMs = 30 * 86_400_000;

/**
 * The certificate of the hub's listeners, kept from start to start and renewed when it is not the root's, when less than 30 days are left, or when
 * the address or the names have changed. Modules check the name that they dial against it.
 */
export async function serverCertificate(
  dir: string,
  authority: CertificateAuthority,
  names: { readonly address: string; readonly dnsNames: readonly string[] },
  clock: () => number = Date.now,
): Promise<ServerCertificate> {
  const path = join(dir, 'server.pem');
  const kept = await readKept(path);
  if (kept !== undefined && (await isGood(kept.certificate, authority, names, clock()))) return kept;
  const issued = await authority.issue({
    commonName: names.address,
    dnsNames: names.dnsNames,
    addresses: [names.address],
    purpose: 'server',
  });
  await writeSecret(path, issued.key + issued.certificate);
  return issued;
}

async function readKept(path: string): Promise<ServerCertificate | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const split = text.indexOf('-----BEGIN CERTIFICATE-----');
  return split > 0 ? { key: text.slice(0, split), certificate: text.slice(split) } : undefined;
}

async function isGood(
  pem: string,
  authority: CertificateAuthority,
  names: { readonly address: string; readonly dnsNames: readonly string[] },
  now: number,
): Promise<boolean> {
  if (!(await authority.hasIssued(pem))) return false;
  const certificate = new X509Certificate(pem);
  return (
    certificate.validToDate.getTime() - now > renewBeforeMs &&
    certificate.checkIP(names.address) !== undefined &&
    names.dnsNames.every((name) => certificate.checkHost(name) !== undefined)
  );
}

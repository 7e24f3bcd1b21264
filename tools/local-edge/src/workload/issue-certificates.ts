import { isIP } from 'node:net';
import type { CertificateAuthority, CertificateRequest } from '../pki/certificate-authority.ts';
import type { JsonObject } from '../twins/json-object.ts';
import { workloadError } from './workload-error.ts';

// Upper bound of a common name in X.509.
const maxCommonNameLength = 64;

/** What a module may have the device sign for it, in the form of aziot-edged's replies: the certificate with its issuer behind it. */
export interface CertificateOwner {
  readonly authority: CertificateAuthority;
  readonly hubName: string;
  readonly deviceId: string;
  readonly moduleId: string;
}

/**
 * A server certificate: good for the common name asked for and for the module's own name.
 * @throws RejectedError EDGE_WORKLOAD_REFUSED for a name that no certificate can carry
 */
export function issueServerCertificate(owner: CertificateOwner, commonName: string): Promise<JsonObject> {
  if (!/^[!-~]+$/.test(commonName) || commonName.length > maxCommonNameLength) {
    throw workloadError(400, `'${commonName}' cannot be the common name of a certificate`);
  }
  const ownName = owner.moduleId.replace(/^\$/, '');
  const isAddress = isIP(commonName) !== 0;
  return issue(owner.authority, {
    commonName,
    dnsNames: [...new Set([...(isAddress ? [] : [commonName]), ownName])],
    addresses: isAddress ? [commonName] : [],
    purpose: 'server',
  });
}

/** A client certificate that names the module by its place in the hub. */
export function issueIdentityCertificate(owner: CertificateOwner): Promise<JsonObject> {
  const { authority, hubName, deviceId, moduleId } = owner;
  return issue(authority, {
    commonName: moduleId.slice(0, maxCommonNameLength),
    dnsNames: [],
    addresses: [],
    // aziot-edged writes this as the text of a DNS name by mistake; a URI is what it means.
    uris: [`azureiot://${hubName}/devices/${encodeURIComponent(deviceId)}/modules/${encodeURIComponent(moduleId)}`],
    purpose: 'client',
  });
}

async function issue(authority: CertificateAuthority, request: CertificateRequest): Promise<JsonObject> {
  const { key, certificate, notAfter } = await authority.issue(request);
  return {
    privateKey: { type: 'key', bytes: key },
    certificate: certificate + authority.pem,
    expiration: notAfter.toISOString(),
  };
}

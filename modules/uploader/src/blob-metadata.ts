import type { Receipt } from '@edgeveil/contracts';

// Blob metadata travels as headers: ASCII only, 8 KB in all
const MAX_VALUE_LENGTH = 256;
const PLAIN = /^[\x21-\x24\x26-\x7e](?:[\x20-\x24\x26-\x7e]*[\x21-\x24\x26-\x7e])?$/;

/**
 * The receipt's key facts as blob metadata, so that a listing with metadata answers most questions without opening a receipt.
 * Names are C# identifiers in lower case, as the service demands. Values that are not plain ASCII are percent-encoded.
 */
export function blobMetadata(receipt: Receipt): Record<string, string> {
  return {
    frameid: receipt.frame.id,
    framesha256: receipt.frame.sha256,
    modelname: headerValue(receipt.model.name),
    modelversion: headerValue(receipt.model.version),
    modelsha256: receipt.model.sha256,
    policysha256: receipt.policy.sha256,
    masked: String(receipt.masked.length),
    picturesha256: receipt.picture.sha256,
  };
}

function headerValue(value: string): string {
  const plain = PLAIN.test(value) ? value : encodeURIComponent(value.toWellFormed());
  // never cut in the middle of an escape
  return plain.slice(0, MAX_VALUE_LENGTH).replace(/%[0-9A-F]?$/, '');
}

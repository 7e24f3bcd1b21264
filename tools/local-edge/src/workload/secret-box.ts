import { createCipheriv, createDecipheriv } from 'node:crypto';

const tagBytes = 16;
const versionNow = 2;

/**
 * What aziot-keyd makes of encrypt (key.rs): AES-256-GCM under the device's master key with the caller's initialization vector and the caller's
 * identity as additional data, so that no module reads another's. Written as a version byte 2, the ciphertext, the tag.
 * @throws Error of node:crypto where the vector is empty
 */
export function encryptSecret(masterKey: Buffer, plaintext: Buffer, iv: Buffer, owner: string): Buffer {
  const cipher = createCipheriv('aes-256-gcm', masterKey, iv, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(owner));
  return Buffer.concat([Buffer.from([versionNow]), cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Reads what `encryptSecret` wrote, and version 1, which has the tag in front (IoT Edge 1.1 and before).
 * @throws RangeError for text of another form, Error of node:crypto where it was not encrypted under this key, vector and owner
 */
export function decryptSecret(masterKey: Buffer, ciphertext: Buffer, iv: Buffer, owner: string): Buffer {
  const version = ciphertext[0];
  const rest = ciphertext.subarray(1);
  if (rest.length < tagBytes) throw new RangeError('the ciphertext is malformed');
  if (version !== 1 && version !== versionNow) throw new RangeError(`unknown version ${version} of a ciphertext`);
  const split = version === 1 ? tagBytes : rest.length - tagBytes;
  const [head, tail] = [rest.subarray(0, split), rest.subarray(split)];
  const [tag, body] = version === 1 ? [head, tail] : [tail, head];
  const decipher = createDecipheriv('aes-256-gcm', masterKey, iv, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(owner));
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(body), decipher.final()]);
}

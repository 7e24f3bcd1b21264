import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { ConfigError, InternalError } from '@edgeveil/contracts';
import { createKeyringFile, type KeyringFile, readKeyringFile, rotateKeyringFile } from './keyring-file.ts';

/**
 * The keys that a site's stores are sealed with, from one file that its modules share. New files are sealed with the
 * active key; the others stay to read what is older.
 */
export class Keyring {
  readonly #path: string;
  /** As key objects: handing bytes to a cipher costs 15 µs more each time. */
  #keys: ReadonlyMap<string, KeyObject>;
  #activeId: string;

  private constructor(path: string, file: KeyringFile) {
    this.#path = path;
    this.#keys = keysOf(file);
    this.#activeId = file.active;
  }

  /**
   * Reads the key file, or creates it with mode 0600 where there is none; several processes may do so at a time.
   * Throws ConfigError: KEYRING_UNREADABLE, KEYRING_INVALID, KEYRING_NOT_WRITABLE.
   */
  static async open(path: string): Promise<Keyring> {
    return new Keyring(path, (await readKeyringFile(path)) ?? (await createKeyringFile(path)));
  }

  /** Adds a key to the file and uses it from now on. Other processes take it up when they meet it, or restart. */
  async rotate(): Promise<void> {
    this.#use(await rotateKeyringFile(this.#path));
  }

  /** Id of the key that new files are sealed with. */
  get activeId(): string {
    return this.#activeId;
  }

  /**
   * The key of one file. Each file has its own, made from a key of the ring and the file's random salt (HMAC-SHA256 as a
   * PRF), because AES-GCM with random nonces wears a key out after 2^32 files: months at a few hundred a second.
   * `undefined` when the ring has no such key.
   */
  fileKey(keyId: string, salt: Buffer): KeyObject | undefined {
    const key = this.#keys.get(keyId);
    return key === undefined
      ? undefined
      : createSecretKey(createHmac('sha256', key).update('edgeveil file key 1').update(salt).digest());
  }

  /** The key of a new file. */
  activeFileKey(salt: Buffer): KeyObject {
    const key = this.fileKey(this.#activeId, salt);
    if (key === undefined) {
      throw new InternalError('KEYRING_WITHOUT_ACTIVE', 'the active key is not in the ring');
    }
    return key;
  }

  /** As `fileKey`, but looks into the key file again for a key that another process added. Throws ConfigError STORE_KEY_UNKNOWN. */
  async findFileKey(keyId: string, salt: Buffer): Promise<KeyObject> {
    const known = this.fileKey(keyId, salt);
    if (known !== undefined) {
      return known;
    }
    const file = await readKeyringFile(this.#path);
    if (file !== undefined) {
      this.#use(file);
    }
    const added = this.fileKey(keyId, salt);
    if (added === undefined) {
      const details = { keyId, keyFile: this.#path };
      throw new ConfigError('STORE_KEY_UNKNOWN', `no key ${keyId} in ${this.#path}`, { details });
    }
    return added;
  }

  #use(file: KeyringFile): void {
    this.#keys = keysOf(file);
    this.#activeId = file.active;
  }
}

function keysOf(file: KeyringFile): ReadonlyMap<string, KeyObject> {
  return new Map(file.keys.map(({ id, key }) => [id, createSecretKey(key, 'base64')]));
}

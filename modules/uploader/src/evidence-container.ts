import type { ContainerClient } from '@azure/storage-blob';
import { openStorageAccount } from './storage-account.ts';

/** What has arrived in the cloud, as any consumer reads it. For tools and tests: failures are those of the storage SDK. */
export class EvidenceContainer {
  readonly #client: ContainerClient;

  private constructor(client: ContainerClient) {
    this.#client = client;
  }

  /** Opens no connection. Throws as `openStorageAccount` does. */
  static open(connectionString: string, container: string): EvidenceContainer {
    return new EvidenceContainer(openStorageAccount(connectionString).getContainerClient(container));
  }

  /** Names of all blobs that begin with the prefix, sorted; none when the container does not exist (yet). */
  async list(prefix = ''): Promise<string[]> {
    if (!(await this.#client.exists())) return [];
    const names: string[] = [];
    for await (const { name } of this.#client.listBlobsFlat({ prefix })) names.push(name);
    return names;
  }

  /** The whole content of a blob. */
  async download(name: string): Promise<Buffer> {
    return this.#client.getBlobClient(name).downloadToBuffer();
  }
}

import assert from 'node:assert/strict';
import { TransientError } from '@edgeveil/contracts';
import type { DesiredDocument, HubClient } from '../hub/hub-client.ts';
import { LineLog } from '../log-lines/line-log.ts';
import { TwinReader } from './twin-reader.ts';

const log = new LineLog({ scope: 'test', level: 'error', write: () => {} });

/** A client whose reads are answered by hand. */
class ManualClient implements Pick<HubClient, 'readDesired'> {
  readonly reads: PromiseWithResolvers<DesiredDocument>[] = [];
  #onRead: () => void = () => {};

  readDesired(): Promise<DesiredDocument> {
    const read = Promise.withResolvers<DesiredDocument>();
    this.reads.push(read);
    this.#onRead();
    return read.promise;
  }

  async read(index: number): Promise<PromiseWithResolvers<DesiredDocument>> {
    for (;;) {
      const read = this.reads[index];
      if (read !== undefined) return read;
      await new Promise<void>((resolve) => {
        this.#onRead = resolve;
      });
    }
  }
}

describe('TwinReader', () => {
  let client: ManualClient;
  let reader: TwinReader;
  let documents: DesiredDocument[];
  let session: AbortController;
  let serving: Promise<void>;
  let onDocument: () => void;

  beforeEach(() => {
    client = new ManualClient();
    documents = [];
    onDocument = () => {};
    session = new AbortController();
    reader = new TwinReader({
      log,
      onDocument: (document) => {
        documents.push(document);
        onDocument();
      },
    });
    serving = reader.serve(client, session.signal);
  });

  afterEach(async () => {
    session.abort();
    for (const read of client.reads) read.reject(new TransientError('GONE', 'gone'));
    await serving;
  });

  async function start(): Promise<void> {
    const known = new Promise<void>((resolve) => {
      onDocument = resolve;
    });
    (await client.read(0)).resolve({ version: 5, desired: { list: [1, 2], a: 1 } });
    await known;
    await new Promise(setImmediate);
  }

  it('merges a patch that follows on what is known without a read', async () => {
    await start();
    reader.patch({ list: [3], a: null, $version: 6 });
    assert.deepEqual(documents.at(-1), { version: 6, desired: { list: [3] } });
    assert.equal(client.reads.length, 1);
  });

  for (const [name, version] of [
    ['leaves a gap', 8],
    ['is older than what is known', 2],
    ['has no version', undefined],
  ] as const) {
    it(`reads the whole twin again when a patch ${name}`, async () => {
      await start();
      reader.patch({ a: 2, $version: version });
      (await client.read(1)).resolve({ version: version ?? 6, desired: { a: 2 } });
      while (documents.length < 2) await new Promise(setImmediate);
      assert.deepEqual(documents.at(-1)?.desired, { a: 2 });
    });
  }

  it('reads again when a patch that came during the read is newer than the answer', async () => {
    const first = await client.read(0);
    reader.patch({ a: 2, $version: 6 });
    first.resolve({ version: 5, desired: { a: 1 } });
    (await client.read(1)).resolve({ version: 6, desired: { a: 2 } });
    while (documents.length < 1) await new Promise(setImmediate);
    assert.deepEqual(documents, [{ version: 6, desired: { a: 2 } }]);
  });

  it('tries again when a read fails', async () => {
    (await client.read(0)).reject(new TransientError('TIMEOUT', 'no answer'));
    (await client.read(1)).resolve({ version: 1, desired: {} });
    while (documents.length < 1) await new Promise(setImmediate);
    assert.equal(documents[0]?.version, 1);
  });
});

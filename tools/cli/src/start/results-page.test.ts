import assert from 'node:assert/strict';
import type { Receipt, Upload } from '@edgeveil/contracts';
import { LatestUploads } from './latest-uploads.ts';
import { type ResultsPage, serveResultsPage } from './results-page.ts';

function receipt(labels: readonly string[]): Receipt {
  const id = `0mg3k2a1b-${'0'.repeat(24)}`;
  const sha256 = 'a'.repeat(64);
  return {
    schemaVersion: '1.0',
    frame: {
      id,
      source: 'gate',
      guarantee: 'live',
      capturedAt: '2026-01-31T10:00:00.123Z',
      width: 8,
      height: 8,
      sha256,
    },
    model: { name: 'm', version: '1', sha256 },
    policy: { name: 'p', sha256, method: 'solid', labels: ['face'] },
    found: [],
    masked: labels.map((label) => ({ label, box: [0, 0, 4, 4] })),
    picture: { format: 'jpeg', width: 8, height: 8, bytes: 3, sha256, md5: '' },
    redactedAt: '2026-01-31T10:00:01.000Z',
  };
}

function upload(number: number): Upload {
  const id = `0mg3k2a1b-${String(number).padStart(24, '0')}`;
  const blob = `site/edge/gate/${number}.jpg`;
  return { id, source: 'gate', container: 'evidence', blob, bytes: 3, uploadedAt: '2026-01-31T10:00:02.000Z' };
}

describe('the results page', () => {
  let latest: LatestUploads;
  let page: ResultsPage;

  beforeEach(async () => {
    const blobs = {
      download: async (name: string) =>
        Buffer.from(name.endsWith('.json') ? JSON.stringify(receipt(['face', 'face', 'plate'])) : 'jpg'),
    };
    latest = new LatestUploads(blobs);
    page = await serveResultsPage(latest, blobs);
  });
  afterEach(() => page.close());

  it('lists what arrived last, newest first, with totals over all', async () => {
    for (let number = 1; number <= 30; number += 1) await latest.add(upload(number));
    const shown = (await (await fetch(`${page.url}/api/latest`)).json()) as ReturnType<LatestUploads['snapshot']>;
    assert.deepEqual(shown.totals, { uploaded: 30, hidden: 90 });
    assert.equal(shown.latest.length, 24);
    assert.equal(shown.latest[0]?.blob, 'site/edge/gate/30.jpg');
    assert.equal(shown.latest[0]?.summary, '2 faces, 1 plate hidden');
  });

  it('serves itself, pictures and receipts', async () => {
    assert.match(await (await fetch(page.url)).text(), /<title>Edgeveil/);
    const picture = await fetch(`${page.url}/blobs/site/edge/gate/1.jpg`);
    assert.equal(picture.headers.get('content-type'), 'image/jpeg');
    assert.equal(await picture.text(), 'jpg');
    const json = await fetch(`${page.url}/blobs/site/edge/gate/1.receipt.json`);
    assert.match(json.headers.get('content-type') ?? '', /application\/json/);
  });
});

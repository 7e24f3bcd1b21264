import assert from 'node:assert/strict';
import { blobNames } from './blob-name.ts';

describe('blobNames', () => {
  const parts = {
    site: 'plant-7',
    deviceId: 'box-1',
    source: 'gate',
    capturedAt: '2026-01-31T23:59:59.999Z',
    id: 'mk9x0a1b2-0123456789abcdef01234567',
    format: 'jpeg',
  } as const;

  it('sorts by site, device, source and hour of capture in UTC', () => {
    assert.deepEqual(blobNames(parts), {
      picture: 'plant-7/box-1/gate/2026/01/31/23/mk9x0a1b2-0123456789abcdef01234567.jpg',
      receipt: 'plant-7/box-1/gate/2026/01/31/23/mk9x0a1b2-0123456789abcdef01234567.receipt.json',
    });
  });

  it('names the picture by its format', () => {
    assert.match(blobNames({ ...parts, format: 'webp' }).picture, /\.webp$/);
  });
});

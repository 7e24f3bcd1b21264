import assert from 'node:assert/strict';
import { ENDPOINTS } from './endpoints.ts';
import type { Frame } from './frame.ts';

const FRAME: Frame = {
  id: `0mg3k2a1b-${'0'.repeat(24)}`,
  source: 'gate',
  guarantee: 'guaranteed',
  capturedAt: '2026-01-31T10:00:00.123Z',
  format: 'jpeg',
  width: 1280,
  height: 720,
  bytes: 1000,
  sha256: 'a'.repeat(64),
};

describe('message schemas', () => {
  it('accept a batch of frames', () => {
    assert.deepEqual(ENDPOINTS.frames.schema.parse({ frames: [FRAME, FRAME] }).frames.length, 2);
  });

  it('refuse an empty batch', () => {
    for (const { items, schema } of Object.values(ENDPOINTS)) {
      assert.equal(schema.safeParse({ [items]: [] }).success, false, items);
    }
  });

  const bad: Readonly<Record<string, unknown>> = {
    id: '../../etc/passwd',
    source: 'Gate 1',
    capturedAt: '2026-01-31 10:00',
    format: 'gif',
    width: 0,
    bytes: 1.5,
    sha256: 'A'.repeat(64),
  };
  for (const [field, value] of Object.entries(bad)) {
    it(`refuse a frame with ${field} ${JSON.stringify(value)} and name the path`, () => {
      const result = ENDPOINTS.frames.schema.safeParse({ frames: [{ ...FRAME, [field]: value }] });
      assert.deepEqual(result.error?.issues[0]?.path, ['frames', 0, field]);
    });
  }
});

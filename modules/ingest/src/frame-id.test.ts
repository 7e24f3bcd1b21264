import assert from 'node:assert/strict';
import { frameIdSchema } from '@edgeveil/contracts';
import { fileFrameId, isLiveFrameOf, liveFrameId } from './frame-id.ts';

const FILE = { source: 'gate', path: 'a.jpg', mtimeMs: 1_700_000_000_000, contentSha256: 'ab' };
const FRAME = { source: 'gate', capturedAtMs: 1_700_000_000_000, counter: 1, contentSha256: 'ab' };

describe('fileFrameId', () => {
  it('is the same for the same file, and a valid frame id', () => {
    assert.equal(fileFrameId(FILE), fileFrameId({ ...FILE }));
    assert.doesNotThrow(() => frameIdSchema.parse(fileFrameId(FILE)));
  });

  it('differs when source, path, time or content differ', () => {
    const others = [{ source: 'dock' }, { path: 'b.jpg' }, { mtimeMs: 1_700_000_000_001 }, { contentSha256: 'cd' }];
    const ids = [FILE, ...others.map((change) => ({ ...FILE, ...change }))].map(fileFrameId);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('sorts by the time of the file', () => {
    const times = [0, 1, 35, 36, 1_700_000_000_000, 1_700_000_000_001, 4_000_000_000_000];
    const ids = times.map((mtimeMs) => fileFrameId({ ...FILE, mtimeMs }));
    assert.deepEqual([...ids].sort(), ids);
  });

  it('is valid for files of any time', () => {
    for (const mtimeMs of [-1, -1e15, 1e15, 0.5, 1_700_000_000_000.7]) {
      assert.doesNotThrow(() => frameIdSchema.parse(fileFrameId({ ...FILE, mtimeMs })));
    }
  });
});

describe('liveFrameId', () => {
  it('differs for each frame, equal pictures of one instant included', () => {
    const ids = [0, 1, 2].map((counter) => liveFrameId({ ...FRAME, counter }));
    assert.equal(new Set(ids).size, 3);
    assert.doesNotThrow(() => frameIdSchema.array().parse(ids));
  });

  it('shows which source it is of', () => {
    assert.equal(isLiveFrameOf(liveFrameId(FRAME), 'gate'), true);
    assert.equal(isLiveFrameOf(liveFrameId(FRAME), 'dock'), false);
    assert.equal(isLiveFrameOf(fileFrameId(FILE), 'gate'), false);
  });
});

import assert from 'node:assert/strict';
import { EvidenceRoom } from './evidence-room.ts';

describe('EvidenceRoom', () => {
  it('waits while the store is at its bound and says once that it does', async () => {
    let usedBytes = 100;
    const changes: (string | undefined)[] = [];
    const room = new EvidenceRoom({
      usedBytes: () => usedBytes,
      maxBytes: 100,
      onChange: (block) => {
        changes.push(block?.code);
        // What makes room comes after the first look.
        usedBytes = 89;
      },
    });
    const signal = new AbortController().signal;
    assert.deepEqual(await Promise.all([room.wait(signal), room.wait(signal)]), [true, true]);
    assert.deepEqual(changes, ['EVIDENCE_STORE_FULL', undefined]);
  });

  it('waits until there is room for more than one picture', async () => {
    let looks = 0;
    const used = [100, 95, 90, 89];
    const room = new EvidenceRoom({
      usedBytes: () => used[looks++] ?? 0,
      maxBytes: 100,
      onChange: () => {},
    });
    assert.equal(await room.wait(new AbortController().signal), true);
    assert.equal(looks, 4);
  });

  it('stops waiting when stopping starts', async () => {
    const room = new EvidenceRoom({ usedBytes: () => 1, maxBytes: 1, onChange: () => {} });
    const stopping = new AbortController();
    const waiting = room.wait(stopping.signal);
    stopping.abort();
    assert.equal(await waiting, false);
  });

  it('takes a new bound at once', async () => {
    const room = new EvidenceRoom({ usedBytes: () => 5, maxBytes: 1, onChange: () => room.setMaxBytes(6) });
    assert.equal(await room.wait(new AbortController().signal), true);
  });

  it('calls a disk full until something was stored on it', async () => {
    const changes: (string | undefined)[] = [];
    const room = new EvidenceRoom({ usedBytes: () => 0, maxBytes: 1, onChange: (block) => changes.push(block?.code) });
    room.noteDiskFull('no space');
    room.noteDiskFull('no space');
    assert.equal(room.block?.code, 'EVIDENCE_DISK_FULL');
    room.noteStored();
    assert.equal(await room.wait(new AbortController().signal), true);
    assert.deepEqual(changes, ['EVIDENCE_DISK_FULL', undefined]);
  });
});

import assert from 'node:assert/strict';
import { SettlingFiles } from './settling-files.ts';

const file = (size: number, mtimeMs = 1) => ({ path: 'a.jpg', size, mtimeMs });

describe('SettlingFiles', () => {
  let now = 0;
  let settling: SettlingFiles;
  beforeEach(() => {
    now = 0;
    settling = new SettlingFiles(() => now);
  });
  const look = (at: number, ...files: ReturnType<typeof file>[]) => {
    now = at;
    return settling.settled(files, 500).length;
  };

  it('gives a file once it has been the same for long enough, and again until it is gone', () => {
    assert.deepEqual([look(0, file(1)), look(499, file(1)), look(500, file(1)), look(501, file(1))], [0, 0, 1, 1]);
  });

  it('starts anew when size or time change', () => {
    assert.deepEqual([look(0, file(1)), look(400, file(2)), look(800, file(2)), look(900, file(2))], [0, 0, 0, 1]);
    assert.deepEqual([look(1000, file(2, 9)), look(1400, file(2, 9)), look(1500, file(2, 9))], [0, 0, 1]);
  });

  it('forgets a file that was gone in between', () => {
    look(0, file(1));
    look(400);
    assert.deepEqual([look(600, file(1)), look(1100, file(1))], [0, 1]);
  });

  it('gives a file at first sight when nothing has to settle', () => {
    assert.equal(settling.settled([file(1)], 0).length, 1);
  });
});

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LineLog } from '../log-lines/line-log.ts';
import { TwinFile } from './twin-file.ts';

describe('TwinFile', () => {
  let dir: string;
  let lines: string[];
  let file: TwinFile;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'twin-file-'));
    lines = [];
    file = new TwinFile(
      join(dir, 'twin.json'),
      new LineLog({ scope: 't', level: 'info', write: (line) => lines.push(line) }),
    );
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('gives back what was saved last and leaves no other file', async () => {
    assert.equal(await file.load(), undefined);
    await file.save({ version: 1, desired: { a: 1 } });
    await file.save({ version: 2, desired: { a: 2 } });
    assert.deepEqual(await file.load(), { version: 2, desired: { a: 2 } });
    assert.deepEqual(await readdir(dir), ['twin.json']);
    assert.deepEqual(lines, []);
  });

  for (const content of ['', '{"version":1,"des', '[]', '{"version":"1","desired":{}}', '\0\0\0\0']) {
    it(`takes ${JSON.stringify(content)} for no twin and says so`, async () => {
      await writeFile(join(dir, 'twin.json'), content);
      assert.equal(await file.load(), undefined);
      assert.match(lines.join(''), /last good twin unreadable/);
    });
  }

  it('only logs when it cannot save', async () => {
    await rm(dir, { recursive: true });
    await file.save({ version: 1, desired: {} });
    assert.match(lines.join(''), /last good twin not kept.*ENOENT/);
    await mkdir(dir);
  });
});

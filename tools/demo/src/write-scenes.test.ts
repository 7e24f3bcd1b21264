import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateScene } from './generate-scene.ts';
import { kindOf, nameOf, writeScenes } from './write-scenes.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

describe('writeScenes', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'demo-scenes-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('writes the very scenes that generateScene gives, with their truth, and leaves no partial file', async () => {
    const target = path.join(directory, 'new', 'folder');
    const written = await writeScenes({ count: 3, seed: 7, directory: target, truth: true });
    const names = [7, 8, 9].map((seed) => nameOf(kindOf(seed), seed));
    assert.deepEqual((await readdir(target)).sort(), names.flatMap((name) => [`${name}.jpg`, `${name}.json`]).sort());
    assert.deepEqual(
      written,
      names.map((name) => path.join(target, `${name}.jpg`)),
    );
    const expected = await generateScene({ kind: kindOf(8), seed: 8 });
    assert.ok((await readFile(written[1] ?? '')).equals(expected.jpeg));
    const truth = JSON.parse(await readFile(path.join(target, `${names[1]}.json`), 'utf8'));
    assert.deepEqual(truth, { kind: kindOf(8), seed: 8, ...JSON.parse(JSON.stringify(expected.truth)) });
  });

  it('takes the kinds in turn unless one is named', async () => {
    await writeScenes({ count: 3, seed: 1, directory });
    assert.deepEqual((await readdir(directory)).sort(), [
      '000001-gate.jpg',
      '000002-shop-floor.jpg',
      '000003-loading-dock.jpg',
    ]);
    await writeScenes({ count: 1, seed: 4, directory, kind: 'shop-floor' });
    assert.ok((await readdir(directory)).includes('000004-shop-floor.jpg'));
  });
});

describe('the scenes command', () => {
  const run = (...args: string[]) => spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });

  it('explains itself', () => {
    const { status, stdout } = run('--help');
    assert.equal(status, 0);
    assert.match(stdout, /--out DIR/);
  });

  for (const [args, complaint] of [
    [['scenes'], /--out is missing/],
    [['scenes', '--out', 'x', '--count', 'many'], /--count is 'many'/],
    [['scenes', '--out', 'x', '--kind', 'moon'], /unknown kind 'moon'/],
    [['films', '--out', 'x'], /unknown command 'films'/],
    [['scenes', '--colour'], /--colour/],
  ] as const)
    it(`refuses '${args.join(' ')}' with exit code 2`, () => {
      const { status, stderr } = run(...args);
      assert.equal(status, 2);
      assert.match(stderr, complaint);
    });

  it('fails with exit code 1 where it cannot write', () => {
    const { status, stderr } = run('scenes', '--out', path.join(MAIN, 'below-a-file'), '--count', '1');
    assert.equal(status, 1);
    assert.match(stderr, /ENOTDIR|EEXIST/);
  });
});

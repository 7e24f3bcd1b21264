import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { readModelPackage } from '../locate-model.ts';
import { tinyPackage } from '../testing/tiny-model.ts';
import { ModelLibrary } from './model-library.ts';

describe('ModelLibrary', () => {
  let dir: string;
  let library: ModelLibrary;
  const add = async (name: string, version: string, bytes: string) => {
    const modelFile = join(dir, 'incoming.onnx');
    await writeFile(modelFile, bytes);
    const description = tinyPackage(Buffer.from(bytes), { name, version });
    return library.add({ modelFile, description, origin: 'method' });
  };
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-library-'));
    library = await ModelLibrary.open(join(dir, 'library'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('keeps models as packages, and finds them after a restart', async () => {
    const entry = await add('yard/people', '1.0.0', 'one');
    assert.equal(entry.sha256, createHash('sha256').update('one').digest('hex'));
    library = await ModelLibrary.open(join(dir, 'library'));
    assert.deepEqual(library.list(), [entry]);
    const located = await readModelPackage(library.dirOf(entry));
    assert.equal(await readFile(located.modelFile, 'utf8'), 'one');
    assert.equal(located.description?.name, 'yard/people');
  });

  it('never changes a version', async () => {
    await add('yard', '1', 'one');
    await assert.rejects(
      add('yard', '1', 'other'),
      (error) => error instanceof ConfigError && error.code === 'MODEL_VERSION_CONFLICT',
    );
    assert.equal(await readFile(join(library.dirOf({ name: 'yard', version: '1' }), 'model.onnx'), 'utf8'), 'one');
    assert.equal((await add('yard', '1', 'one')).version, '1');
  });

  it('gives the version that is named, or the newest', async () => {
    await add('yard', '1', 'one');
    await add('yard', '2', 'two');
    assert.equal(library.find('yard')?.version, '2');
    assert.equal(library.find('yard', '1')?.version, '1');
    assert.equal(library.find('yard', '3'), undefined);
  });

  it('stays below its folder, whatever a model is called', async () => {
    for (const name of ['..', '../../etc', '.staging', '/etc']) {
      const entry = await add(name, '..', name);
      assert.ok(library.dirOf(entry).startsWith(join(dir, 'library/')), library.dirOf(entry));
    }
    assert.equal((await ModelLibrary.open(join(dir, 'library'))).list().length, 4);
  });

  it('passes over what a crash left half done', async () => {
    await add('yard', '1', 'one');
    await mkdir(join(dir, 'library/.staging/abc'));
    await mkdir(join(dir, 'library/half/1'), { recursive: true });
    await writeFile(join(dir, 'library/half/1/model.onnx'), 'no entry');
    library = await ModelLibrary.open(join(dir, 'library'));
    assert.equal(library.list().length, 1);
    assert.equal((await add('half', '1', 'whole')).name, 'half');
  });

  it('makes room by removing the oldest, but none that is needed', async () => {
    const first = await add('a', '1', 'x'.repeat(100));
    await add('b', '1', 'y'.repeat(100));
    await add('c', '1', 'z'.repeat(100));
    const gone = await library.trim(250, new Set([first.sha256]));
    assert.deepEqual(
      gone.map(({ name }) => name),
      ['b'],
    );
    assert.deepEqual(
      library.list().map(({ name }) => name),
      ['c', 'a'],
    );
  });
});

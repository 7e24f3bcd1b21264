import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TransientError } from '@edgeveil/contracts';
import { tinyPackage } from '../testing/tiny-model.ts';
import { IncomingModels } from './incoming-models.ts';
import { LibraryState } from './library-state.ts';
import { ModelLibrary } from './model-library.ts';

describe('a disk that does not take models', () => {
  let dir: string;
  const failsTo = (code: string) => (error: unknown) => error instanceof TransientError && error.code === code;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-full-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('is told as such, and leaves nothing half kept', async () => {
    const library = await ModelLibrary.open(join(dir, 'library'));
    const bytes = Buffer.from('model');
    await writeFile(join(dir, 'model.onnx'), bytes);
    // A file where the folder of the model would be: no disk has to be filled for it.
    await writeFile(join(dir, 'library', 'yard'), '');
    const description = tinyPackage(bytes, { name: 'yard', version: '1' });
    const add = () => library.add({ modelFile: join(dir, 'model.onnx'), description, origin: 'url' });
    await assert.rejects(add(), failsTo('MODEL_STORE_FAILED'));
    assert.deepEqual([library.list(), await readdir(join(dir, 'library', '.staging'))], [[], []]);
    await rm(join(dir, 'library', 'yard'));
    assert.equal((await add()).name, 'yard');
  });

  it('does not keep a module from going on without its memory', async () => {
    const unsaved: unknown[] = [];
    const state = await LibraryState.open(join(dir, 'gone', 'state.json'), (error) => unsaved.push(error));
    await state.noteGood({ name: 'yard', version: '1', sha256: '0'.repeat(64) });
    assert.deepEqual([state.good.length, unsaved.length], [1, 1]);
  });

  it('refuses a part of a model', async () => {
    const incoming = await IncomingModels.open(join(dir, 'incoming'));
    await rm(join(dir, 'incoming'), { recursive: true });
    await assert.rejects(incoming.append('0'.repeat(64), Buffer.from('part')), failsTo('MODEL_STORE_FAILED'));
  });
});

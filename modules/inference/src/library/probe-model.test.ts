import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { sessionSpec } from '../detector.ts';
import { readModelPackage } from '../locate-model.ts';
import { writeTinyPackage } from '../testing/tiny-model.ts';
import { type ProbeOptions, probeModel } from './probe-model.ts';

describe('probeModel', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-probe-'));
    await writeTinyPackage(dir);
  });
  afterEach(() => rm(dir, { recursive: true }));

  const probe = async (options: Partial<ProbeOptions> = {}) => {
    const located = await readModelPackage(dir);
    const spec = await sessionSpec(located, { model: located, threads: 1 });
    return probeModel(spec, {
      environment: { PATH: '/usr/bin', EDGEVEIL_KEY: 'secret' },
      timeoutMs: 60_000,
      signal: AbortSignal.timeout(60_000),
      ...options,
    });
  };
  /** A process that does what is written here in place of loading a model. */
  const processThat = async (does: string): Promise<string> => {
    const file = join(dir, 'process.mjs');
    await writeFile(file, does);
    return file;
  };
  const refused = (code: string, found: RegExp) => (error: unknown) =>
    error instanceof ConfigError && error.code === code && found.test(String(error.details.found));

  it('tells what a model is', async () => {
    const { model, provider } = await probe();
    assert.deepEqual([model.name, provider.used], ['tiny', 'cpu']);
  });

  it('says what is wrong with a model, as loading it here would', async () => {
    await writeFile(join(dir, 'model.onnx'), 'no model');
    await assert.rejects(probe(), refused('MODEL_SHA256_MISMATCH', /^[0-9a-f]{64}$/));
  });

  it('survives a model that the runtime dies of', async () => {
    for (const [signal, code] of [
      ['SIGSEGV', 'MODEL_CRASHES'],
      ['SIGABRT', 'MODEL_CRASHES'],
      ['SIGKILL', 'MODEL_TOO_LARGE'],
    ] as const) {
      const processFile = await processThat(`process.kill(process.pid, '${signal}'); setInterval(() => {}, 1000);`);
      await assert.rejects(probe({ processFile }), refused(code, new RegExp(signal)));
    }
  });

  it('ends a process that takes too long or too much memory', async () => {
    const idle = await processThat('setInterval(() => {}, 1000);');
    await assert.rejects(probe({ processFile: idle, timeoutMs: 500 }), refused('MODEL_LOAD_TIMEOUT', /0\.5 s/));
    const greedy = await processThat(
      'const all = []; setInterval(() => all.push(Buffer.alloc(20 * 1024 ** 2, 1)), 20); process.stdin.resume();',
    );
    await assert.rejects(
      probe({ processFile: greedy, maxBytes: 200 * 1024 ** 2 }),
      refused('MODEL_TOO_LARGE', /\d+ MB/),
    );
  });

  it('does not hand the environment of the module on', async () => {
    const processFile = await processThat(
      'process.send({ type: "opened", info: { model: { name: JSON.stringify(Object.keys(process.env)) } } }); process.disconnect();',
    );
    assert.doesNotMatch((await probe({ processFile })).model.name, /EDGEVEIL_KEY/);
  });
});

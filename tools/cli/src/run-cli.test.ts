import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ExitCode } from './cli-context.ts';
import { runCli } from './run-cli.ts';

interface Ended {
  readonly code: ExitCode;
  readonly output: string;
  readonly errors: string;
}

async function run(...args: string[]): Promise<Ended> {
  const output = new PassThrough();
  const errors = new PassThrough();
  const [code, outputText, errorText] = await Promise.all([
    runCli(args, {
      input: new PassThrough(),
      output,
      errors,
      isTerminal: false,
      environment: {},
      workingDir: process.cwd(),
      signal: new AbortController().signal,
    }).finally(() => {
      output.end();
      errors.end();
    }),
    text(output),
    text(errors),
  ]);
  return { code, output: outputText, errors: errorText };
}

describe('edgeveil', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-cli-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  for (const command of [
    'run',
    'detect',
    'redact',
    'start',
    'status',
    'monitor',
    'send',
    'twin',
    'method',
    'logs',
    'restart',
    'offline',
    'modulecred',
    'stop',
    'completion',
  ]) {
    it(`${command} --help shows examples and ends with 0`, async () => {
      const { code, output } = await run(command, '--help');
      assert.equal(code, 0);
      assert.match(output, /Examples:\n {2}\$ edgeveil/);
    });
  }

  it('ends with 2 for an unknown command, an unknown option and a missing argument', async () => {
    assert.equal((await run('dance')).code, 2);
    assert.equal((await run('redact', '--nope')).code, 2);
    assert.equal((await run('redact')).code, 2);
  });

  it('ends with 2 and names the path when an input does not exist', async () => {
    const { code, errors } = await run('redact', join(dir, 'absent'), '--out', join(dir, 'out'));
    assert.equal(code, 2);
    assert.match(errors, /absent: no such file or folder/);
  });

  it('ends with 2 when asked to hide what the model cannot find', async () => {
    await writeFile(join(dir, 'a.jpg'), 'no picture');
    const { code, errors } = await run('redact', dir, '--out', join(dir, 'out'), '--classes', 'unicorn');
    assert.equal(code, 2);
    assert.match(errors, /the model cannot find unicorn; it knows person, face, plate, vehicle, parcel/);
  });

  it('ends with 1 and says why when a picture cannot be read, and writes nothing for it', async () => {
    await writeFile(join(dir, 'a.jpg'), 'no picture');
    const { code, output, errors } = await run('redact', dir, '--out', join(dir, 'out'));
    assert.equal(code, 1);
    assert.match(errors, /a\.jpg: .+ \[PICTURE_[A-Z_]+\]/);
    assert.match(output, /^0 redacted into .+, 1 failed/m);
  });

  it('ends with 1 when the model does not load', async () => {
    await writeFile(join(dir, 'a.jpg'), 'no picture');
    await writeFile(join(dir, 'm.onnx'), 'no model');
    const { code, errors } = await run('detect', '--model', join(dir, 'm.onnx'), join(dir, 'a.jpg'));
    assert.equal(code, 1);
    assert.match(errors, /\[MODEL_[A-Z_]+\]/);
  });
});

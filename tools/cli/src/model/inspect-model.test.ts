import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { BUNDLED_MODELS_DIR } from '@edgeveil/inference';
import { runCli } from '../run-cli.ts';

describe('edgeveil model inspect', function () {
  this.timeout(60_000);
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-inspect-'));
    await copyFile(join(BUNDLED_MODELS_DIR, 'demo-scenes', 'model.onnx'), join(dir, 'scenes.onnx'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  async function run(...args: string[]): Promise<{ code: number; output: string; errors: string }> {
    const [output, errors] = [new PassThrough(), new PassThrough()];
    const ended = runCli(['model', 'inspect', ...args], {
      input: Readable.from([]),
      output,
      errors,
      isTerminal: false,
      environment: {},
      workingDir: dir,
      signal: new AbortController().signal,
    }).finally(() => {
      output.end();
      errors.end();
    });
    const [code, outputText, errorText] = await Promise.all([ended, text(output), text(errors)]);
    return { code, output: outputText, errors: errorText };
  }

  it('says what a bare file is and why, what to check, and gives a model.json', async () => {
    const { code, output } = await run('scenes.onnx');
    assert.equal(code, 0);
    for (const part of [/YOLOv8/, /^why$/m, /512x288/, /^to check$/m, /labels: put labels\.txt with 5 lines/]) {
      assert.match(output, part);
    }
    const json: unknown = JSON.parse(output.slice(output.indexOf('\n{')));
    assert.ok(json !== null && typeof json === 'object' && 'decoder' in json);
    assert.equal(json.decoder, 'yolov8');
  });

  it('writes a model.json beside the file, which then comes first', async () => {
    await writeFile(join(dir, 'labels.txt'), 'person\nface\nplate\nvehicle\nparcel\n');
    assert.equal((await run('scenes.onnx', '--write')).code, 0);
    const file = join(dir, 'scenes.model.json');
    const written = await readFile(file, 'utf8');
    assert.match(written, /"labels": \["person", "face", "plate", "vehicle", "parcel"\]/);
    await writeFile(file, written.replace('"score": 0.25', '"score": 0.5'));
    const { output } = await run('scenes.onnx', '--json');
    const line = JSON.parse(output) as { model: { thresholds: { score: number } }; reasons: string[] };
    assert.equal(line.model.thresholds.score, 0.5);
    assert.ok(line.reasons.length > 2);
  });

  it('says what is wrong with a file that is no model, in one line', async () => {
    await writeFile(join(dir, 'page.onnx'), '<!doctype html>');
    const { code, errors } = await run('page.onnx');
    assert.equal(code, 1);
    assert.match(errors, /XML or HTML.*\[ONNX_NOT_A_MODEL\]/);
    assert.match((await run('absent.onnx')).errors, /\[MODEL_NOT_FOUND\]/);
  });
});

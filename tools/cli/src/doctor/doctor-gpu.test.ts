import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runCli } from '../run-cli.ts';

describe('edgeveil doctor gpu', () => {
  let root: string;
  const doctor = async (...args: readonly string[]) => {
    const output = new PassThrough();
    const errors = new PassThrough();
    const code = await runCli(['doctor', 'gpu', '--host-root', root, ...args], {
      input: new PassThrough(),
      output,
      errors,
      isTerminal: false,
      columns: undefined,
      environment: {},
      workingDir: root,
      signal: new AbortController().signal,
    });
    output.end();
    return { code, output: await text(output) };
  };
  beforeEach(async () => {
    root = await mkdtemp(`${tmpdir()}/edgeveil-doctor-`);
  });
  afterEach(() => rm(root, { recursive: true }));

  it('says that there is no GPU, what the model runs on instead, and what to do', async () => {
    const { code, output } = await doctor();
    assert.equal(code, 1);
    assert.match(output, /^GPU\s+none$/m);
    assert.match(output, /^model\s+runs on cpu$/m);
    assert.match(output, /^\s+not on cuda\s+no GPU in reach/m);
    assert.match(output, /^Problem: no GPU/m);
    assert.ok(
      output.split('\n').every((line) => line.length <= 100),
      output,
    );
  });

  it('says the same as JSON', async () => {
    const { code, output } = await doctor('--json');
    const { host, trial, advice } = JSON.parse(output) as {
      host: { kind: string };
      trial: { status: string };
      advice: { level: string }[];
    };
    assert.deepEqual([code, host.kind, trial.status, advice[0]?.level], [1, 'none', 'onCpu', 'problem']);
  });
});

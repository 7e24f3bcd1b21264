import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { REPO_DIR } from './repo-dir.ts';
import { runCli } from './run-cli.ts';

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

interface How {
  readonly input?: Readable;
  readonly isTerminal?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

async function run(
  args: readonly string[],
  { input = Readable.from([]), isTerminal = false, environment = {} }: How = {},
): Promise<Ended> {
  const output = new PassThrough();
  const errors = new PassThrough();
  const [code, outputText, errorText] = await Promise.all([
    runCli(args, {
      input,
      output,
      errors,
      isTerminal,
      environment,
      workingDir: REPO_DIR,
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

const template = 'deployment.template.json';

describe('edgeveil routes', () => {
  it('eval answers line by line, in order, whatever a line holds', async () => {
    const lines = [
      { condition: "level = 'high'", message: { properties: { level: 'high' } } },
      { condition: "level = 'high'", message: { properties: { level: null } } },
      { condition: 'level > 3' },
      { route: 'FROM /messages/* INTO $upstream', message: {} },
    ].map((line) => JSON.stringify(line));
    const input = Readable.from([
      `${lines[0]}\n\n${lines[1]?.slice(0, 20)}`,
      `${lines[1]?.slice(20)}\r\n{broken\n${lines[2]}\n${lines[3]}`,
    ]);
    const { code, output } = await run(['routes', 'eval'], { input });
    assert.equal(code, 0);
    assert.deepEqual(
      output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).result),
      [true, 'undefined', 'invalid-line', 'compile-error', true],
    );
    assert.deepEqual(JSON.parse(output.split('\n')[3] ?? '').error, {
      message: "Invalid operands to binary operator '>': have 'string' and 'number', expected 'string' and 'string'",
      line: 1,
      column: 7,
    });
  });

  it('eval answers a line before the next one comes', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const ended = runCli(['routes', 'eval'], {
      input,
      output,
      errors: new PassThrough(),
      isTerminal: false,
      environment: {},
      workingDir: REPO_DIR,
      signal: new AbortController().signal,
    });
    for (const condition of ['true', 'false']) {
      input.write(`{"condition":"${condition}"}\n`);
      const [answer] = await new Promise<[Buffer]>(
        (resolve) => void output.once('data', (chunk: Buffer) => resolve([chunk])),
      );
      assert.deepEqual(JSON.parse(answer.toString()), { result: condition === 'true' });
    }
    input.end();
    assert.equal(await ended, 0);
  });

  it('eval reads a file, and says when there is none', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'edgeveil-routes-'));
    try {
      await writeFile(join(dir, 'cases.jsonl'), '{"condition":"true"}\n'.repeat(5000));
      const { output } = await run(['routes', 'eval', join(dir, 'cases.jsonl')]);
      assert.equal(output, '{"result":true}\n'.repeat(5000));
    } finally {
      await rm(dir, { recursive: true });
    }
    const { code, errors } = await run(['routes', 'eval', '/no/such/file']);
    assert.equal(code, 2);
    assert.match(errors, /\/no\/such\/file: no such file/);
  });

  it('match shows which routes take a message and why the others do not', async () => {
    const { code, output } = await run([
      'routes',
      'match',
      template,
      '--from',
      'redact/evidence',
      '--prop',
      'type=event',
    ]);
    assert.equal(code, 0);
    assert.match(output, /\+ redact-to-uploader -> uploader\/evidence: takes it/);
    assert.match(output, /\+ events-to-cloud -> \$upstream: takes it/);
    assert.match(output, /- ingest-to-inference -> inference\/frames: is for another source/);
    const nobody = await run(['routes', 'match', template, '--from', 'ingest/x', '--json']);
    assert.equal(nobody.code, 1);
    const reasons = nobody.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(reasons.find(({ name }) => name === 'events-to-cloud').reason, 'condition-undefined');
    assert.equal((await run(['routes', 'match', template, '--prop', 'x'])).code, 2);
  });
});

describe('edgeveil validate', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-validate-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const environment = { EDGEVEIL_SITE: 'a', EDGEVEIL_SOURCES_PATH: '/s', EDGEVEIL_STORAGE_CONNECTION_STRING: 'x' };

  it('ends with 0 for the templates of this repository', async () => {
    const { code, output } = await run(['validate', template, 'deployment.cpu.template.json', '--strict'], {
      environment,
    });
    assert.deepEqual([code, output], [0, '2 files: nothing found\n']);
  });

  it('ends with 1 on an error, with --strict on a warning, and marks the place in a route', async () => {
    const file = join(dir, 'm.json');
    const original = await readFile(join(REPO_DIR, template), 'utf8');
    const change = (from: string, to: string) =>
      writeFile(file, original.replaceAll('"${MODULES.', '"x${').replace(from, to));
    await change("WHERE type = 'event' INTO $upstream", "INTO $upstream WHERE type = 'event'");
    const warned = await run(['validate', file], { environment });
    assert.equal(warned.code, 0);
    assert.match(
      warned.output,
      /m\.json:\d+:\d+ warning .*passes over what follows the sink \[route-text-after-sink\]/,
    );
    assert.equal((await run(['validate', file, '--strict'], { environment })).code, 1);
    await change("type = 'event'", 'type = 3');
    const { code, output } = await run(['validate', file], { environment, isTerminal: true });
    assert.equal(code, 1);
    const lines = output.split('\n').map((line) => stripVTControlCharacters(line));
    assert.notEqual(lines.join('\n'), output);
    const mark = lines.findIndex((line) => line.trim() === '^');
    assert.equal(lines[mark - 1]?.[lines[mark]?.indexOf('^') ?? 0], '=');
    assert.match(lines[mark + 1] ?? '', /as_number\(type\)/);
  });

  it('prints JSON, one array for all files', async () => {
    const file = join(dir, 'm.json');
    await writeFile(file, '{');
    const { code, output } = await run(['validate', file, file, '--json']);
    assert.equal(code, 1);
    assert.deepEqual(
      JSON.parse(output).map((finding: Record<string, unknown>) => [
        finding.code,
        finding.severity,
        finding.line,
        finding.column,
      ]),
      [
        ['json-invalid', 'error', 1, 2],
        ['json-invalid', 'error', 1, 2],
      ],
    );
    assert.equal((await run(['validate', join(dir, 'absent.json')])).code, 2);
  });
});

describe('edgeveil build', () => {
  it('writes the manifest where the tools expect it, or where it is told to', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'edgeveil-build-'));
    try {
      const agent = {
        'properties.desired': {
          schemaVersion: '1.1',
          modules: { m: { settings: { image: 'i:$TAG', createOptions: { A: 1 } } } },
        },
      };
      const path = join(dir, 'deployment.template.json');
      await writeFile(path, JSON.stringify({ '$schema-template': '4.0.0', modulesContent: { $edgeAgent: agent } }));
      const { code, errors } = await run(['build', path, '--platform', 'arm64']);
      assert.equal(code, 0);
      assert.match(errors, /not set.*TAG/);
      const built = await readFile(join(dir, 'config', 'deployment.arm64v8.json'), 'utf8');
      assert.equal(
        JSON.parse(built).modulesContent.$edgeAgent['properties.desired'].modules.m.settings.createOptions,
        '{"A":1}',
      );
      await writeFile(join(dir, 'site.env'), 'TAG=7\n');
      const { output } = await run(['build', path, '--env', 'site.env', '--out', '-']);
      assert.match(output, /"image": "i:7"/);
      assert.equal((await run(['build', path, '--debug', '--out', join(dir, 'a', 'b.json')])).code, 0);
      assert.ok((await readFile(join(dir, 'a', 'b.json'), 'utf8')).startsWith('{'));
      const missing = await run(['build', join(dir, 'absent.json')]);
      assert.equal(missing.code, 2);
      assert.match(missing.errors, /no such file/);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

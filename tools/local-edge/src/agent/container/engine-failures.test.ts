import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEdgeEmitter } from '../../events.ts';
import { parseDeployment } from '../../manifest/parse-deployment.ts';
import { manifestOf } from '../../testing/manifest.ts';
import type { ContainerEngine } from './container-engine.ts';
import { openContainerEngine } from './open-container-engine.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const json =
  (status: number, body: unknown): Answer =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** Says a line, then breaks the connection, as an engine does that is killed. */
const breaks =
  (line: string): Answer =>
  (_request, response) => {
    response.writeHead(200);
    if (line !== '') response.write(frame(line));
    else response.flushHeaders();
    setImmediate(() => response.destroy());
  };

function frame(line: string): Buffer {
  const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, line.length + 1]);
  return Buffer.concat([header, Buffer.from(`${line}\n`)]);
}

// An engine that fails at the places that a real one fails at when it is killed or forbidden something; it answers in the shapes of its API.
describe('a container engine that fails', () => {
  let dir: string;
  let server: Server;
  let asked: string[];
  let answers: Record<string, Answer[]>;
  let warnings: { message: string; details: Readonly<Record<string, unknown>> }[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    asked = [];
    warnings = [];
    answers = {
      'GET /_ping': [json(200, 'OK')],
      'GET /containers/json': [json(200, [])],
      'GET /networks/*': [json(404, { message: 'no such network' })],
      'POST /networks/create': [json(500, { message: 'no address pool is left' })],
    };
    server = createServer((request, response) => {
      const path = new URL(request.url ?? '', 'http://engine').pathname.replace(/edgeveil-[^/]*/, '*');
      const key = `${request.method} ${path}`;
      asked.push(key);
      const list = answers[key] ?? [json(500, { message: `unexpected ${key}` })];
      // The last answer is given for ever.
      (list.length > 1 ? list.shift() : list[0])?.(request, response);
    });
    await new Promise<void>((resolve) => server.listen(join(dir, 'd.sock'), resolve));
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(dir, { recursive: true, force: true });
  });

  function open(): Promise<ContainerEngine> {
    const events = createEdgeEmitter();
    events.on('warning', (warning) => warnings.push(warning));
    return openContainerEngine({
      settings: { host: `unix://${dir}/d.sock` },
      environment: {},
      stateDir: dir,
      repoDir: dir,
      gatewayHostName: undefined,
      runtime: () => undefined,
      stopGraceMs: 0,
      events,
    });
  }

  async function launch(onLine: (stream: string, text: string) => void) {
    const container = { Config: {}, State: { Running: false, ExitCode: 0 }, Image: 'sha256:1' };
    answers['GET /images/x/json'] = [json(200, { Id: 'sha256:1' })];
    answers['GET /containers/*/json'] = [
      json(404, { message: 'none' }),
      json(200, container),
      json(200, { ...container, State: { Running: true, ExitCode: 0 } }),
    ];
    answers['POST /containers/create'] = [json(201, { Id: '1' })];
    answers['POST /containers/*/start'] = [(_request, response) => void response.writeHead(204).end()];
    const [spec] = parseDeployment(manifestOf({ modules: { m: { settings: { image: 'x' } } } })).modules;
    assert.ok(spec);
    await writeFile(join(dir, 'm.sock'), '');
    const identity = {
      workloadUri: `unix://${dir}/m.sock`,
      generationId: '1',
      hubName: 'hub',
      gatewayHostName: '127.0.0.9',
      deviceId: 'edge',
      moduleId: 'm',
    };
    const engine = await open();
    return engine.launcher({ spec, identity, hubAddress: '127.0.0.9', env: {} }).launch(onLine);
  }

  it("gives the modules this machine's network, and says why, when it makes none", async () => {
    const engine = await open();
    assert.equal(engine.bridgeAddress, undefined);
    assert.deepEqual(warnings, [
      {
        message: 'the engine makes no network for the modules, they share the network of this machine',
        details: { reason: 'no address pool is left' },
      },
    ]);
  });

  it('loses no module when it is away for a while and has kept its containers', async () => {
    const lines: string[] = [];
    answers['POST /containers/*/attach'] = [breaks('before')];
    answers['POST /containers/*/wait'] = [breaks(''), json(200, { StatusCode: 3 })];
    answers['GET /containers/*/logs'] = [breaks('after')];
    const run = await launch((_stream, text) => lines.push(text));
    assert.equal(await run.exited, 3);
    assert.deepEqual(lines, ['before', 'after']);
  }).timeout(20_000);

  it('ends a module that it has ended meanwhile, or that is gone', async () => {
    for (const [answer, code] of [
      [json(200, { State: { Running: false, ExitCode: 7 } }), 7],
      [json(404, { message: 'no such container' }), 137],
    ] as const) {
      answers['POST /containers/*/attach'] = [breaks('before')];
      answers['POST /containers/*/wait'] = [breaks('')];
      const run = await launch(() => undefined);
      answers['GET /containers/*/json'] = [(_request, response) => void response.destroy(), answer];
      assert.equal(await run.exited, code);
    }
  }).timeout(20_000);

  it('does not keep the edge from stopping when it is away', async () => {
    answers['POST /containers/*/attach'] = [breaks('')];
    answers['POST /containers/*/wait'] = [breaks('')];
    const lines: string[] = [];
    const run = await launch((_stream, text) => lines.push(text));
    for (const key of Object.keys(answers)) answers[key] = [(_request, response) => void response.destroy()];
    assert.equal(await run.stop(0), 255);
    assert.match(lines.join(), /does not stop the module/);
  }).timeout(20_000);

  it('is told from one that is missing when a module is to be started', async () => {
    answers['GET /images/x/json'] = [];
    const run = launch(() => undefined);
    answers['GET /images/x/json'] = [(_request, response) => void response.destroy()];
    await assert.rejects(run, { code: 'EDGE_ENGINE_LOST' });
  });
});

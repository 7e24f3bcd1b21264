import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { strFromU8, unzipSync } from 'fflate';
import { type Azurite, startAzurite } from '../../../../cli/src/start/azurite.ts';
import type { LogLine } from '../../events.ts';
import type { LocalEdge } from '../../local-edge.ts';
import { startLocalEdge } from '../../start-local-edge.ts';
import { manifestOf } from '../../testing/manifest.ts';
import type { TaskStatus } from './background-tasks.ts';

const leaky = `
  console.log('<6> 2026-01-02 03:04:05.678 +00:00 connected with HostName=h;SharedAccessKey=c2VjcmV0LWtleQ==');
  console.log('https://account.blob.core.windows.net/c?sv=1&sig=c2VjcmV0LXNpZw%3D%3D&se=2');
  console.log('done');
  setInterval(() => {}, 1000);
`;

describe('uploads of edgeAgent', function () {
  this.timeout(60_000);
  let dir: string;
  let azurite: Azurite;
  let edge: LocalEdge;
  let sasUrl: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    azurite = await startAzurite({ dir: join(dir, 'azurite') });
    sasUrl = sas(azurite, 'rwlc');
    const made = await fetch(withQuery(sasUrl, 'restype=container'), { method: 'PUT', headers: version });
    assert.equal(made.status, 201);
    const lines: LogLine[] = [];
    edge = await startLocalEdge({
      manifest: manifestOf({
        modules: {
          m: { env: { STORAGE_CONNECTION_STRING: { value: 'AccountKey=env-secret' }, RATE: { value: 5 } } },
        },
        twins: { m: { threshold: 25, apiKey: 'twin-secret', url: 'https://x/?sig=url-secret&a=b' } },
      }),
      stateDir: join(dir, 'state'),
      moduleOverrides: { m: { command: process.execPath, args: ['-e', leaky] } },
      onLog: (line) => lines.push(line),
    });
    await edge.waitFor(() => lines.some(({ text }) => text === 'done'));
  });

  after(async () => {
    await edge?.stop();
    await azurite?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function upload(methodName: string, request: object): Promise<TaskStatus> {
    const call = (name: string, payload: object) =>
      edge.invokeMethod('$edgeAgent', { methodName: name, payload: { schemaVersion: '1.0', ...payload } });
    const started = (await call(methodName, request)) as { status: number; payload: TaskStatus };
    assert.equal(started.status, 200);
    const { correlationId } = started.payload;
    assert.deepEqual(started.payload, { status: 'NotStarted', message: '', correlationId });
    return edge.waitFor(async () => {
      const { payload } = await call('GetTaskStatus', { correlationId });
      const task = payload as TaskStatus;
      return task.status === 'Completed' || task.status === 'Failed' ? task : undefined;
    });
  }

  it('put a log of every module asked for into the container, under edgeAgent’s names', async () => {
    const request = { sasUrl, items: [{ id: 'm', filter: { tail: 1 } }] };
    for (const [more, extension, type, encoding] of [
      [{}, 'json', 'application/json', null],
      [{ contentType: 'text' }, 'log', 'text/plain', null],
      [{ contentType: 'text', encoding: 'gzip' }, 'gz', 'text/plain', 'gzip'],
    ] as const) {
      assert.equal((await upload('UploadModuleLogs', { ...request, ...more })).status, 'Completed');
      const [name] = (await blobs()).filter((each) => each.endsWith(`.${extension}`));
      assert.match(name ?? '', /^local\.azure-devices\.net\/edge\/m-\d{4}-\d\d-\d\d--\d\d-\d\d-\d\d\.\w+$/);
      const { bytes, headers } = await download(name ?? '');
      assert.equal(headers.get('content-type'), type);
      assert.equal(headers.get('content-encoding'), encoding);
      const text = (encoding === 'gzip' && bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
      if (extension === 'json') assert.equal(JSON.parse(text)[0].text, 'done');
      else assert.equal(text, 'done\n');
    }
  });

  it('put a bundle of logs, twins, states and versions there, and no secret in it', async () => {
    assert.equal((await upload('UploadSupportBundle', { sasUrl, since: '1d' })).status, 'Completed');
    const [name] = (await blobs()).filter((each) => each.includes('support-bundle'));
    const { bytes, headers } = await download(name ?? '');
    assert.equal(headers.get('content-type'), 'application/zip');
    const files = Object.fromEntries(
      Object.entries(unzipSync(new Uint8Array(bytes))).map(([path, content]) => [path, strFromU8(content)]),
    );
    assert.deepEqual(Object.keys(files).sort(), [
      'logs/edgeAgent.log',
      'logs/edgeHub.log',
      'logs/m.log',
      'modules.json',
      'twins/$edgeAgent.json',
      'twins/$edgeHub.json',
      'twins/m.json',
      'versions.json',
    ]);
    assert.match(files['logs/m.log'] ?? '', /Z stdout done\n/);
    assert.match(files['logs/m.log'] ?? '', /SharedAccessKey=\(removed\)/);
    assert.equal(JSON.parse(files['twins/m.json'] ?? '').desired.threshold, 25);
    assert.equal(JSON.parse(files['twins/$edgeAgent.json'] ?? '').reported.modules.m.env.RATE.value, 5);
    const key = edge.credentials('m').EdgeHubConnectionString.split('SharedAccessKey=')[1] ?? '';
    const whole = Object.values(files).join('\n');
    for (const secret of [
      'c2VjcmV0',
      'env-secret',
      'twin-secret',
      'url-secret',
      key,
      'PRIVATE KEY',
      'SharedAccessSignature ',
    ]) {
      assert.ok(!whole.includes(secret), secret);
    }
  });

  it('leave the modules out of a bundle of the runtime', async () => {
    await upload('UploadSupportBundle', { sasUrl, edgeRuntimeOnly: true });
    const [name] = (await blobs())
      .filter((each) => each.includes('support-bundle'))
      .sort()
      .slice(-1);
    const files = Object.keys(unzipSync(new Uint8Array((await download(name ?? '')).bytes)));
    assert.ok(files.includes('logs/edgeHub.log'));
    assert.ok(!files.includes('logs/m.log'));
  });

  it('say what went wrong, without the SAS', async () => {
    const readOnly = await upload('UploadModuleLogs', { sasUrl: sas(azurite, 'r'), items: { id: 'm' } });
    assert.equal(readOnly.status, 'Failed');
    assert.match(readOnly.message, /answered 403 \(\w+\)/);
    assert.doesNotMatch(readOnly.message, /sig=/);
    const noUrl = await upload('UploadSupportBundle', { sasUrl: 'nowhere' });
    assert.deepEqual([noUrl.status, noUrl.message], ['Failed', 'the SAS URL is no URL']);
  });

  it('try again what fails for the moment', async () => {
    let requests = 0;
    const server = createServer((request, response) => {
      requests += 1;
      request.resume().on('end', () => response.writeHead(requests === 1 ? 503 : 201).end());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const task = await upload('UploadModuleLogs', { sasUrl: `http://127.0.0.1:${port}/c?sig=x`, items: { id: 'm' } });
      assert.equal(task.status, 'Completed');
      assert.equal(requests, 2);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  async function blobs(): Promise<string[]> {
    const response = await fetch(withQuery(sasUrl, 'restype=container&comp=list'), { headers: version });
    return [...(await response.text()).matchAll(/<Name>([^<]+)<\/Name>/g)].map(([, name]) => name ?? '');
  }

  async function download(name: string): Promise<{ bytes: Buffer; headers: Headers }> {
    const url = new URL(sasUrl);
    url.pathname += `/${name}`;
    const response = await fetch(url, { headers: version });
    assert.equal(response.status, 200);
    return { bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers };
  }
});

const version = { 'x-ms-version': '2021-12-02' };

function withQuery(url: string, query: string): string {
  return `${url}&${query}`;
}

/** The URL of a container with an account SAS (Azure Storage, "Create an account SAS"). */
function sas({ connectionString }: Azurite, permissions: string): string {
  const part = (name: string) => new RegExp(`${name}=([^;]+)`).exec(connectionString)?.[1] ?? '';
  const expiry = `${new Date(Date.now() + 3_600_000).toISOString().slice(0, 19)}Z`;
  const fields = [part('AccountName'), permissions, 'b', 'sco', '', expiry, '', 'https,http', '2021-12-02', ''];
  const signature = createHmac('sha256', Buffer.from(part('AccountKey'), 'base64'))
    .update(`${fields.join('\n')}\n`)
    .digest('base64');
  const query = new URLSearchParams({
    sv: '2021-12-02',
    ss: 'b',
    srt: 'sco',
    sp: permissions,
    se: expiry,
    spr: 'https,http',
    sig: signature,
  });
  return `${part('BlobEndpoint')}/logs?${query}`;
}

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceMethodRequest, DeviceMethodResponse, ModuleClient } from 'azure-iot-device';
import type { LocalEdge } from '../local-edge.ts';
import { startLocalEdge } from '../start-local-edge.ts';
import { manifestOf } from '../testing/manifest.ts';
import { sdkModule } from '../testing/sdk-module.test.ts';

describe('invokeMethod of the SDK', () => {
  let dir: string;
  let edge: LocalEdge;
  const clients: ModuleClient[] = [];

  before(async function () {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    const warnings: string[] = [];
    edge = await startLocalEdge({
      manifest: manifestOf({ modules: { a: {}, b: {} } }),
      stateDir: join(dir, 'state'),
      only: [],
      onWarning: ({ message, details }) => warnings.push(`${message}: ${String(details.reason)}`),
    });
    const [reason] = warnings.filter((warning) => warning.includes('methods of other modules'));
    if (reason === undefined) return;
    console.log(`      skipped: ${reason}`);
    this.skip();
  });

  after(async () => {
    for (const client of clients) await client.close().catch(() => undefined);
    await edge?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function opened(module: string): Promise<ModuleClient> {
    const client = await sdkModule(edge, module);
    clients.push(client);
    await client.open();
    return client;
  }

  const call = (client: ModuleClient, target: string, methodName: string, payload: unknown) =>
    client.invokeMethod('edge', target, {
      methodName,
      payload,
      connectTimeoutInSeconds: 0,
      responseTimeoutInSeconds: 5,
    });

  it('reaches another module over HTTPS on port 443, by the caller’s own token', async () => {
    const [a, b] = [await opened('a'), await opened('b')];
    b.onMethod('add', (request?: DeviceMethodRequest, response?: DeviceMethodResponse) => {
      const { x, y } = request?.payload ?? {};
      response?.send(201, { sum: x + y, text: 'äöü' }).catch(() => undefined);
    });
    await edge.invokeMethod('b', { methodName: 'add', payload: { x: 0, y: 0 }, connectTimeoutSecs: 30 });
    const result = await call(a, 'b', 'add', { x: 1, y: 2 });
    assert.deepEqual(result, { status: 201, payload: { sum: 3, text: 'äöü' } });
    await assert.rejects(call(a, 'c', 'add', null), /Not found/);
    await assert.rejects(call(a, 'b', '', null), { name: 'ArgumentError' });
    await assert.rejects(call(a, 'b', 'add', undefined), { name: 'ArgumentError' });
    await assert.rejects(call(a, 'b', 'nobody answers', null), { name: 'GatewayTimeoutError' });
  }).timeout(30_000);
});

import assert from 'node:assert/strict';
import { TransientError } from '@edgeveil/contracts';
import { LineLog } from '../log-lines/line-log.ts';
import type { ConnectHub, HubClient } from './hub-client.ts';
import { HubLink, type HubLinkOptions } from './hub-link.ts';

const LISTENERS = {
  input: () => {},
  desiredPatch: () => {},
  method: async () => ({ status: 200, payload: null }),
};

class StubClient implements HubClient {
  readonly connection: PromiseWithResolvers<Error> = Promise.withResolvers();
  readonly lost = this.connection.promise;
  isClosed = false;

  readDesired = () => Promise.reject(new TransientError('UNUSED', 'unused'));
  updateReported = async () => {};
  sendOutput = async () => {};
  serveMethods = () => {};
  close = async () => {
    this.isClosed = true;
  };
}

describe('HubLink', () => {
  let link: HubLink;
  let clients: StubClient[];
  let lines: string[];
  const never = new AbortController().signal;

  function open(connect: ConnectHub, options: Partial<HubLinkOptions> = {}): void {
    lines = [];
    link = new HubLink({
      connect,
      listeners: LISTENERS,
      log: new LineLog({ scope: 'test', level: 'info', write: (line) => lines.push(line) }),
      onSession: () => {},
      onState: () => {},
      crash: () => {},
      delays: { firstMs: 1, maxMs: 1 },
      ...options,
    });
    link.start();
  }

  const connectStub: ConnectHub = async () => {
    const client = new StubClient();
    clients.push(client);
    return client;
  };

  beforeEach(() => {
    clients = [];
  });
  afterEach(() => link.close());

  it('tries until it is connected, with a line when the reason changes and not at each attempt', async () => {
    let attempts = 0;
    open(async (listeners, signal) => {
      attempts += 1;
      if (attempts < 6) throw new TransientError('HUB_UNREACHABLE', attempts < 4 ? 'no socket' : 'refused');
      return connectStub(listeners, signal);
    });
    await link.use(async () => {}, never);
    assert.equal(attempts, 6);
    assert.equal(lines.filter((line) => line.includes('hub not in reach')).length, 2);
  });

  it('gives waiting operations the next connection and closes the lost one', async () => {
    open(connectStub);
    await link.use(async () => {}, never);
    clients[0]?.connection.resolve(new TransientError('HUB_CONNECTION_LOST', 'gone'));
    await new Promise(setImmediate);
    assert.equal(await link.use(async (client) => client, never), clients[1]);
    assert.equal(clients[0]?.isClosed, true);
  });

  it('lets operations finish on a connection that is to be replaced', async () => {
    open(connectStub, { maxSessionMs: 5 });
    const gate = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const operation = link.use(async (client) => {
      started.resolve();
      await gate.promise;
      return client;
    }, never);
    await started.promise;
    while (link.isConnected) await new Promise(setImmediate);
    assert.deepEqual(
      clients.map(({ isClosed }) => isClosed),
      [false],
    );
    gate.resolve();
    assert.equal(await operation, clients[0]);
    await link.use(async () => {}, never);
    assert.equal(clients[0]?.isClosed, true);
  });

  it('stops waiting for a hub when asked, and stops trying when closed', async () => {
    open(async () => {
      throw new TransientError('HUB_UNREACHABLE', 'never');
    });
    const stop = new AbortController();
    const waiting = assert.rejects(
      link.use(async () => {}, stop.signal),
      { name: 'AbortError' },
    );
    stop.abort();
    await waiting;
    await link.close();
  });

  it('takes a failure that is no TransientError for a bug', async () => {
    const crashed = Promise.withResolvers<unknown>();
    open(async () => JSON.parse('{'), { crash: crashed.resolve });
    assert.ok((await crashed.promise) instanceof SyntaxError);
  });
});

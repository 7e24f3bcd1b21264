import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TOY_MAIN = fileURLToPath(new URL('testing/toy/main.ts', import.meta.url));

/** A process and what it has written. */
class Toy {
  readonly child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  readonly #output = { text: '' };

  constructor(stateDir: string, env: Record<string, string>) {
    this.child = spawn(process.execPath, [TOY_MAIN], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        EdgeHubConnectionString: 'HostName=h;DeviceId=d;ModuleId=m;SharedAccessKey=eA==',
        EDGEVEIL_STATE_DIR: stateDir,
        EDGEVEIL_HTTP_PORT: '0',
        EDGEVEIL_HTTP_HOST: '127.0.0.1',
        ...env,
      },
    });
    this.#closed = once(this.child, 'close');
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output.text += chunk.toString();
        this.child.emit('written');
      });
    }
  }

  get text(): string {
    return this.#output.text;
  }

  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) await once(this.child, 'written');
  }

  /** Exit code, or the signal that ended it. */
  async end(): Promise<unknown> {
    const [code, signal] = await this.#closed;
    return code ?? signal;
  }
}

describe('a module process', () => {
  let stateDir: string;
  let toy: Toy;

  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'toy-'));
  });
  afterEach(async () => {
    toy.child.kill('SIGKILL');
    await rm(stateDir, { recursive: true });
  });

  it('ends by itself with code 0 after SIGTERM', async () => {
    toy = new Toy(stateDir, {});
    await toy.until(/twin applied/);
    toy.child.kill('SIGTERM');
    assert.equal(await toy.end(), 0);
    assert.match(toy.text, /stopping \{"reason":"SIGTERM".*\n.*toy drained\n.*stopped \{"exitCode":0\}\n$/);
  });

  it('ends with code 1, naming what kept it alive, when a handle leaks', async () => {
    toy = new Toy(stateDir, { TOY_FAULT: 'leak' });
    await toy.until(/twin applied/);
    toy.child.kill('SIGTERM');
    assert.equal(await toy.end(), 1);
    assert.match(toy.text, /not stopped in time \{"open":\[\],"handles":\[.*"Timeout"/);
  });

  it('ends with code 1, naming the part, when a part does not close', async () => {
    toy = new Toy(stateDir, { TOY_FAULT: 'hang' });
    await toy.until(/twin applied/);
    toy.child.kill('SIGTERM');
    assert.equal(await toy.end(), 1);
    assert.match(toy.text, /not stopped in time \{"open":\[.*"module"\]/);
  });

  for (const fault of ['uncaught', 'rejected']) {
    it(`logs an error that nobody caught with its stack, drains and ends with code 1 (${fault})`, async () => {
      toy = new Toy(stateDir, { TOY_FAULT: fault });
      assert.equal(await toy.end(), 1);
      assert.match(toy.text, /<3> .* crashed .*nobody caught this.*toy\/main\.ts/);
      assert.match(toy.text, /toy drained/);
    });
  }

  it('goes on with the last good twin after SIGKILL, without a hub', async () => {
    toy = new Toy(stateDir, {});
    await toy.until(/twin applied/);
    toy.child.kill('SIGKILL');
    assert.equal(await toy.end(), 'SIGKILL');
    toy = new Toy(stateDir, { TOY_HUB: 'away' });
    await toy.until(/toy started \{"pace":7\}/);
    toy.child.kill('SIGTERM');
    assert.equal(await toy.end(), 0);
  });

  describe('whose hub takes connections and never answers', () => {
    let server: Server;

    beforeEach(() => {
      server = createServer();
    });
    afterEach(() => server.close());

    /** Resolves when the toy has connected. */
    async function stopWhileConnecting(env: Record<string, string>): Promise<void> {
      const connected = once(server, 'connection');
      toy = new Toy(stateDir, { TOY_HUB: 'sdk', ...env });
      await connected;
      toy.child.kill('SIGTERM');
      assert.equal(await toy.end(), 0);
    }

    it('still ends by itself on SIGTERM', async () => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      await stopWhileConnecting({
        EdgeHubConnectionString: `HostName=h;GatewayHostName=127.0.0.1:${port};DeviceId=d;ModuleId=m;SharedAccessKey=eA==`,
      });
    });

    it('still ends by itself on SIGTERM when it is the workload API', async () => {
      const socket = join(stateDir, 'w.sock');
      server.listen(socket);
      await once(server, 'listening');
      await stopWhileConnecting({
        EdgeHubConnectionString: '',
        IOTEDGE_WORKLOADURI: `unix://${socket}`,
        IOTEDGE_DEVICEID: 'd',
        IOTEDGE_MODULEID: 'm',
        IOTEDGE_IOTHUBHOSTNAME: 'h',
        IOTEDGE_AUTHSCHEME: 'sasToken',
        IOTEDGE_MODULEGENERATIONID: '1',
      });
    });
  });

  it('lives on when nobody reads its log any more', async () => {
    toy = new Toy(stateDir, { TOY_FAULT: 'chatty' });
    await toy.until(/still here/);
    toy.child.stdout?.destroy();
    toy.child.kill('SIGTERM');
    assert.equal(await toy.end(), 0);
  });
});

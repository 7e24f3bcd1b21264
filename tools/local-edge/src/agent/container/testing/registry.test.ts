// Not a test of its own: a registry that asks for a password, from Debian's package docker-registry, if that is installed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const registryUser = { username: 'plant', password: 'right-password' };

// bcrypt of the password above.
const htpasswd = 'plant:$2b$04$5lKAfq.PCHNDnSoPqDAM0eWLtdQudvtSrKPDogvV6npiNnINEXfcy\n';

export interface TestRegistry {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  close(): Promise<void>;
}

/** @returns why there is none, in words, if there is none */
export async function openTestRegistry(): Promise<TestRegistry | string> {
  const dir = await mkdtemp(join(tmpdir(), 'registry-'));
  const config = {
    version: 0.1,
    log: { level: 'info' },
    storage: { filesystem: { rootdirectory: join(dir, 'data') } },
    http: { addr: '127.0.0.1:0' },
    auth: { htpasswd: { realm: 'test', path: join(dir, 'htpasswd') } },
  };
  await writeFile(join(dir, 'htpasswd'), htpasswd);
  // JSON is YAML.
  await writeFile(join(dir, 'config.yml'), JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', join(dir, 'config.yml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const close = async () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    await rm(dir, { recursive: true, force: true });
  };
  let failure = '';
  child.once('error', (error) => {
    failure = error.message;
  });
  for await (const line of createInterface(child.stderr)) {
    const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (address === undefined) continue;
    child.stderr.resume();
    return { address, close };
  }
  await close();
  return `docker-registry cannot be started: ${failure}`;
}

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LocalEdgeOptions } from '../options.ts';
import { RawMqtt } from './raw-mqtt.ts';

const main = fileURLToPath(new URL('./edge/main.ts', import.meta.url));

/** A hub in a process of its own, which takes any password. Its options have to go through JSON. For tests. */
export class HubProcess {
  readonly #options: LocalEdgeOptions;
  #child: ChildProcess | undefined;
  #address = '';

  constructor(options: LocalEdgeOptions) {
    this.#options = { only: [], acceptAny: true, ...options };
  }

  /** Starts it, also anew after it was killed: at its last address if that is still free. */
  async start(): Promise<void> {
    const options = JSON.stringify(this.#options);
    const child = spawn(process.execPath, [main, options], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    assert.ok(child.stdout !== null);
    const exited = once(child, 'exit').then(([code]) => assert.fail(`the hub has ended with ${code}`));
    const [line] = await Promise.race([once(child.stdout, 'data'), exited]);
    exited.catch(() => undefined);
    this.#address = String(line).trim().slice(3);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** The most memory that it ever held. Linux only. */
  async peakBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.#child?.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  login(module: string): Promise<RawMqtt> {
    return rawLogin(this.#address, this.#options.stateDir, module);
  }
}

/** Logs in as a module of device `edge` where any password is taken. */
export async function rawLogin(address: string, stateDir: string, module: string): Promise<RawMqtt> {
  const client = await RawMqtt.open(address, await readFile(join(stateDir, 'pki', 'root-ca.pem'), 'utf8'));
  const username = `local.azure-devices.net/edge/${module}/?api-version=2021-04-12`;
  assert.equal(await client.login({ clientId: `edge/${module}`, username, password: 'any' }), 0);
  return client;
}

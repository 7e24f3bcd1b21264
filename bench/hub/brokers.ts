import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { manifestOf } from '../../tools/local-edge/src/testing/manifest.ts';
import type { Target } from './hub-clients.ts';

/** A broker that runs. */
export interface Broker {
  readonly name: string;
  readonly process: ChildProcess;
  readonly target: Target;
  /** From its start until it took connections. */
  readonly startMs: number;
}

const edgeMain = fileURLToPath(new URL('../../tools/local-edge/src/testing/edge/main.ts', import.meta.url));
const moduleNames = ['c', ...Array.from({ length: 16 }, (_, index) => `s${index}`)];

/** local-edge's hub as it is, with its stored queues. */
export async function startEdge(stateDir: string): Promise<Broker> {
  const manifest = manifestOf({
    modules: Object.fromEntries(moduleNames.map((name) => [name, {}])),
    routes: { r: 'FROM /messages/* INTO BrokeredEndpoint("/modules/c/inputs/i")' },
  });
  const begun = performance.now();
  const options = JSON.stringify({ manifest, stateDir, only: [], acceptAny: true });
  const child = spawn(process.execPath, [edgeMain, options], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('no output');
  const [line] = await once(child.stdout, 'data');
  const address = String(line).trim().slice('up '.length);
  const caFile = join(stateDir, 'pki', 'root-ca.pem');
  const target = { address, port: 8883, caFile, filter: 'devices/edge/modules/c/inputs/#' };
  return { name: 'local-edge', process: child, target, startMs: performance.now() - begun };
}

/**
 * mosquitto with the same certificate, anonymous, without persistence: it stores nothing on the disk, and keeps up to `inFlight` messages under way
 * to a client.
 */
export async function startMosquitto(edge: Target, dir: string, inFlight: number): Promise<Broker> {
  // Key and certificate lie in one file.
  const pem = join(edge.caFile, '..', 'server.pem');
  const port = 18_883 + inFlight;
  const config = [
    `listener ${port} ${edge.address}`,
    `certfile ${pem}`,
    `keyfile ${pem}`,
    'allow_anonymous true',
    'persistence false',
    'set_tcp_nodelay true',
    `max_inflight_messages ${inFlight}`,
    'max_queued_messages 0',
    'log_type none',
    'user root',
  ];
  const path = join(dir, `mosquitto-${inFlight}.conf`);
  await writeFile(path, `${config.join('\n')}\n`);
  const begun = performance.now();
  const child = spawn('mosquitto', ['-c', path], { stdio: ['ignore', 'inherit', 'inherit'] });
  await untilOpen(edge.address, port);
  const startMs = performance.now() - begun;
  const target = { ...edge, port, filter: 'devices/edge/modules/+/messages/events/#' };
  return { name: `mosquitto, ${inFlight} in flight`, process: child, target, startMs };
}

async function untilOpen(host: string, port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const socket = connect({ host, port });
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await delay(50);
  }
  throw new Error('mosquitto does not listen');
}

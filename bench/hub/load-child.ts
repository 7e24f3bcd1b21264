import { setTimeout as delay } from 'node:timers/promises';
import type { Target } from './hub-clients.ts';
import { mqttClients } from './mqtt-clients.ts';
import { sdkClients } from './sdk-clients.ts';

/** One measurement, in a process of its own that holds both ends. */
export interface Load {
  readonly target: Target;
  readonly clients: 'mqtt.js' | 'SDK';
  readonly senders: number;
  readonly bytes: number;
  /** Messages under way from end to end, all senders together. */
  readonly window: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface LoadResult {
  readonly messages: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const load: Load = JSON.parse(process.argv[2] ?? '{}');
const clients = await (load.clients === 'SDK' ? sdkClients : mqttClients)(load.target);
const latencies: number[] = [];
const free: (() => void)[] = [];
let isMeasuring = false;

// What an earlier measurement left in a queue is not this one's.
const run = process.pid;
await clients.consume((body) => {
  if (body.readUInt32BE(8) !== run) return;
  free[body.readUInt16BE(12)]?.();
  if (isMeasuring) latencies.push(performance.now() - body.readDoubleBE(0));
});

const each = Math.max(1, Math.floor(load.window / load.senders));
let isOver = false;
await Promise.all(
  Array.from({ length: load.senders }, async (_, index) => {
    const send = await clients.sender(index);
    let under = 0;
    const next = () => {
      while (under < each && !isOver) {
        const body = Buffer.alloc(load.bytes);
        body.writeDoubleBE(performance.now(), 0);
        body.writeUInt32BE(run, 8);
        body.writeUInt16BE(index, 12);
        under += 1;
        void send(body);
      }
    };
    free[index] = () => {
      under -= 1;
      next();
    };
    next();
  }),
);
await delay(load.warmUpMs);
isMeasuring = true;
process.send?.('measuring');
const begun = performance.now();
await delay(load.measureMs);
isMeasuring = false;
const seconds = (performance.now() - begun) / 1000;
latencies.sort((a, b) => a - b);
const quantile = (q: number) => latencies[Math.floor((latencies.length - 1) * q)] ?? Number.NaN;
const result: LoadResult = {
  messages: latencies.length,
  perSecond: latencies.length / seconds,
  p50Ms: quantile(0.5),
  p99Ms: quantile(0.99),
};
process.send?.(result);
isOver = true;
// What is under way still arrives, so that nothing is left for the next.
await delay(100);
process.exit(0);

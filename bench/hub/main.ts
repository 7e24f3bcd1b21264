import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Broker, startEdge, startMosquitto } from './brokers.ts';
import type { Load, LoadResult } from './load-child.ts';
import { median } from './median.ts';
import { processUsage } from './process-usage.ts';

// How fast one hop is, beside mosquitto on the same machine. `node bench/hub/main.ts [ROUNDS] [MILLISECONDS]`.
const rounds = Number(process.argv[2] ?? 3);
const measureMs = Number(process.argv[3] ?? 1500);
const sizes = [200, 4096, 65_536];
const senderCounts = [1, 16];
const loadChild = fileURLToPath(new URL('./load-child.ts', import.meta.url));

interface Sample extends LoadResult {
  readonly cpuMicroseconds: number;
}

async function measure(broker: Broker, load: Omit<Load, 'target' | 'warmUpMs' | 'measureMs'>): Promise<Sample> {
  const warmUpMs = measureMs / 3;
  const child = fork(loadChild, [JSON.stringify({ ...load, target: broker.target, warmUpMs, measureMs })]);
  const exited = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the load ended with ${code}`)));
  exited.catch(() => undefined);
  const message = async () => (await Promise.race([once(child, 'message'), exited]))[0];
  const pid = broker.process.pid ?? 0;
  await message();
  const before = await processUsage(pid);
  const result: LoadResult = await message();
  const after = await processUsage(pid);
  await exited.catch(() => undefined);
  return { ...result, cpuMicroseconds: ((after.cpuMs - before.cpuMs) * 1000) / Math.max(1, result.messages) };
}

const dir = await mkdtemp(join(tmpdir(), 'edgeveil-bench-'));
const brokers: Broker[] = [];
try {
  const edge = await startEdge(join(dir, 'state'));
  brokers.push(edge);
  const idle = await processUsage(edge.process.pid ?? 0);
  const [one, usual] = [await startMosquitto(edge.target, dir, 1), await startMosquitto(edge.target, dir, 20)];
  brokers.push(one, usual);
  const contestants = [
    { name: 'local-edge', broker: edge, clients: 'mqtt.js' },
    { name: 'mosquitto, 1 in flight', broker: one, clients: 'mqtt.js' },
    { name: 'mosquitto, 20 in flight', broker: usual, clients: 'mqtt.js' },
    { name: 'local-edge, SDK on both ends', broker: edge, clients: 'SDK' },
  ] as const;

  console.log(
    `Machine: ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}. Medians of ${rounds} rounds of ${measureMs} ms.\n`,
  );
  console.log(
    '| size | senders | broker | messages/s | p50 ms | p99 ms | alone p50 ms | alone p99 ms | broker CPU µs |',
  );
  console.log('|---:|---:|---|---:|---:|---:|---:|---:|---:|');
  for (const bytes of sizes) {
    for (const senders of senderCounts) {
      const samples = new Map<string, { busy: Sample; alone: Sample }[]>();
      for (let round = 0; round < rounds; round += 1) {
        // Each goes first in turn: the machine's speed drifts.
        const order = [...contestants.slice(round % 4), ...contestants.slice(0, round % 4)];
        for (const { name, broker, clients } of order) {
          const busy = await measure(broker, { clients, senders, bytes, window: 64 });
          const alone = await measure(broker, { clients, senders: 1, bytes, window: 1 });
          samples.set(name, [...(samples.get(name) ?? []), { busy, alone }]);
        }
      }
      for (const { name } of contestants) {
        const of = (pick: (sample: { busy: Sample; alone: Sample }) => number, digits: number) =>
          median((samples.get(name) ?? []).map(pick)).toFixed(digits);
        const cells = [
          of(({ busy }) => busy.perSecond, 0),
          of(({ busy }) => busy.p50Ms, 1),
          of(({ busy }) => busy.p99Ms, 1),
          of(({ alone }) => alone.p50Ms, 2),
          of(({ alone }) => alone.p99Ms, 2),
          of(({ busy }) => busy.cpuMicroseconds, 0),
        ];
        console.log(`| ${bytes} | ${senders} | ${name} | ${cells.join(' | ')} |`);
      }
    }
  }
  const after = await processUsage(edge.process.pid ?? 0);
  const megabytes = (value: number) => `${Math.round(value / 1e6)} MB`;
  console.log(`\nlocal-edge takes connections ${Math.round(edge.startMs)} ms after the start of its process.`);
  console.log(`Memory of its process: ${megabytes(idle.residentBytes)} idle, ${megabytes(after.peakBytes)} at most.`);
} finally {
  for (const { process: child } of brokers) {
    if (child.exitCode !== null) continue;
    const exited = once(child, 'exit');
    child.kill();
    await exited;
  }
  await rm(dir, { recursive: true, force: true });
}

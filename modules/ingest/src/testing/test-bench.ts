import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type EndpointName, type IngestTwin, ingestTwinSchema } from '@edgeveil/contracts';
import { FileStore, Keyring, type QuarantineReason } from '@edgeveil/frame-store';
import { createFakeContext, type FakeContext } from '@edgeveil/module-kit/testing';
import { encodeJpeg } from '@edgeveil/picture-codec';
import type { z } from 'zod';
import { createIngestMetrics } from '../ingest-metrics.ts';
import { PictureIntake } from '../picture-intake.ts';
import type { SourceParts } from '../source.ts';
import { StoreGate } from '../store-gate.ts';
import { TakenLedger } from '../taken-ledger.ts';

/** A sources volume, a real store and a fake hub in a fresh directory, and a clock that tests move. */
export class TestBench {
  readonly dir: string;
  readonly store: FileStore;
  readonly ledger: TakenLedger;
  readonly fake: FakeContext<IngestTwin>;
  readonly twin: IngestTwin;
  /** Wall clock of everything under test. */
  now = Date.now();

  private constructor(dir: string, store: FileStore, twin: IngestTwin) {
    this.dir = dir;
    this.store = store;
    this.twin = twin;
    this.ledger = TakenLedger.open(join(dir, 'taken.db'));
    this.fake = createFakeContext({ twin, stateDir: dir, moduleId: 'ingest' });
  }

  static async open(twin: z.input<typeof ingestTwinSchema> = {}): Promise<TestBench> {
    const dir = await mkdtemp(join(tmpdir(), 'ingest-'));
    await mkdir(join(dir, 'sources'));
    return TestBench.reopen(dir, twin);
  }

  /** The same directory again, as another process sees it. */
  static async reopen(dir: string, twin: z.input<typeof ingestTwinSchema> = {}): Promise<TestBench> {
    const keyring = await Keyring.open(join(dir, 'key.json'));
    const store = await FileStore.open({ dir: join(dir, 'frames'), keyring });
    return new TestBench(dir, store, ingestTwinSchema.parse(twin));
  }

  async close(): Promise<void> {
    this.ledger.close();
    await this.store.close();
    await rm(this.dir, { recursive: true });
  }

  get sourcesDir(): string {
    return join(this.dir, 'sources');
  }

  parts(changes: Partial<SourceParts> = {}): SourceParts {
    const { context } = this.fake;
    const clock = () => this.now;
    const store = changes.store ?? this.store;
    const usage = () => store.usage();
    const metrics = createIngestMetrics(context.metrics, usage);
    const limits = () => this.twin.limits;
    const { log } = context;
    const [frames, events] = [context.output('frames'), context.output('events')];
    const postEvent: SourceParts['postEvent'] = (event) => events.post(event);
    return {
      sourcesDir: this.sourcesDir,
      store,
      intake: new PictureIntake({ store, postFrame: (frame) => frames.post(frame), metrics, limits }),
      gate: new StoreGate({ usage, maxBytes: () => this.twin.store.maxBytes, log, postEvent, clock }),
      ledger: this.ledger,
      metrics,
      limits,
      maxLiveFrames: () => this.twin.store.maxLiveFrames,
      owner: 'ingest',
      instance: 'one',
      log,
      postEvent,
      report: (patch) => void context.report(patch),
      beat: () => undefined,
      clock,
      ...changes,
    };
  }

  /** Writes a file below the sources volume and sets its time. */
  async write(path: string, bytes: Buffer | string, mtimeMs = this.now - 60_000): Promise<string> {
    const target = join(this.sourcesDir, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
    await utimes(target, mtimeMs / 1000, mtimeMs / 1000);
    return target;
  }

  async pending(): Promise<string[]> {
    return collect(this.store.pending());
  }

  async quarantined(): Promise<{ id: string; reason: QuarantineReason }[]> {
    return collect(this.store.quarantined());
  }

  sent(output: EndpointName): readonly unknown[] {
    return this.fake.sent[output];
  }

  /** The value of one sample of the metrics, 0 where there is none. */
  async metric(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
    const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
    const lines = (await this.fake.metricsText()).split('\n').filter((line) => line.startsWith(`${name}{`));
    const line = lines.find((each) => wanted.every((label) => each.includes(label)));
    return Number(line?.split(' ').at(-1) ?? 0);
  }
}

/** A small JPEG; another one for each seed. */
export async function testJpeg(seed = 0, { width = 32, height = 24 } = {}): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3, (seed * 37) % 256);
  data.writeUInt32LE(seed, 0);
  return encodeJpeg({ data, width, height, channels: 3 }, { quality: 90 });
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) {
    all.push(item);
  }
  return all;
}

import { join } from 'node:path';
import { type Event, type IngestTwin, ingestTwinSchema } from '@edgeveil/contracts';
import { FileStore, Keyring } from '@edgeveil/frame-store';
import { defineModule, type ModuleContext, type RunningModule } from '@edgeveil/module-kit';
import { checkSources } from './check-sources.ts';
import { readIngestConfig } from './config.ts';
import { FolderSource } from './folder-source.ts';
import { createIngestMetrics } from './ingest-metrics.ts';
import { LoopSource } from './loop-source.ts';
import { PictureIntake } from './picture-intake.ts';
import { SourceSet } from './source-set.ts';
import { StoreGate } from './store-gate.ts';
import { TakenLedger } from './taken-ledger.ts';

/** A source that is silent for this long beyond its period hangs, as reads from a dead network share do. */
const HUNG_AFTER_MS = 300_000;

/** Takes pictures from folders and cameras into the frame store, and announces them on output `frames`. */
export const ingest = defineModule({
  name: 'ingest',
  twinSchema: ingestTwinSchema,
  start,
});

async function start(context: ModuleContext<IngestTwin>): Promise<RunningModule<IngestTwin>> {
  const config = readIngestConfig(context.environment);
  checkSources(context.twin.sources);
  const { log } = context;
  let twin = context.twin;

  const keyring = await Keyring.open(config.keyFile);
  const store = await FileStore.open({ dir: config.framesDir, keyring });
  await store.refreshUsage();
  const ledger = TakenLedger.open(join(context.stateDir, 'taken.db'));

  const metrics = createIngestMetrics(context.metrics, () => store.usage());
  const [frames, events] = [context.output('frames'), context.output('events')];
  const postEvent = (event: Event) => events.post(event);
  const limits = () => twin.limits;
  const gate = new StoreGate({ usage: () => store.usage(), maxBytes: () => twin.store.maxBytes, log, postEvent });
  const intake = new PictureIntake({ store, postFrame: (frame) => frames.post(frame), metrics, limits });
  const report = (patch: Readonly<Record<string, unknown>>) => void context.report(patch).catch(() => undefined);

  const sources = new SourceSet({
    create: (name, source) => {
      const periodMs = source.type === 'folder' ? source.pollMs : 1000 / source.framesPerSecond;
      const heartbeat = context.heartbeat(`source ${name}`, periodMs + HUNG_AFTER_MS);
      const parts = {
        sourcesDir: config.sourcesDir,
        store,
        intake,
        gate,
        ledger,
        metrics,
        limits,
        maxLiveFrames: () => twin.store.maxLiveFrames,
        owner: context.moduleId,
        instance: context.instance,
        log: log.child(name),
        postEvent,
        report,
        beat: () => heartbeat.beat(),
        clock: Date.now,
      };
      const created =
        source.type === 'folder' ? new FolderSource(name, source, parts) : new LoopSource(name, source, parts);
      return { run: (signal) => created.run(signal).finally(() => heartbeat.stop()) };
    },
    crash: (error) => context.crash(error),
    onStopped: (name) => report({ sources: { [name]: null } }),
  });
  await sources.apply(twin.sources);
  log.info('intake started', { sources: Object.keys(twin.sources), waiting: store.usage() });

  return {
    status: () => ({ store: store.usage(), sources: Object.keys(twin.sources) }),
    apply: async (next) => {
      checkSources(next.sources);
      twin = next;
      await sources.apply(next.sources);
    },
    drain: () => sources.stop(),
    close: async () => {
      await sources.stop();
      ledger.close();
      await store.close();
    },
  };
}

import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type RejectedError, type UploaderTwin, uploaderTwinSchema } from '@edgeveil/contracts';
import { FileStore, Keyring } from '@edgeveil/frame-store';
import { defineMethod, defineModule, every, type ModuleContext, type RunningModule } from '@edgeveil/module-kit';
import { z } from 'zod';
import { Circuit } from './circuit.ts';
import { readUploaderConfig } from './config.ts';
import { Delivery } from './delivery.ts';
import { EvidenceIntake } from './evidence-intake.ts';
import { openDestination } from './open-destination.ts';
import { Spool } from './spool.ts';
import { SpoolReport, type SpoolStatus } from './spool-report.ts';
import { defineUploaderGauges, uploaderMetrics } from './uploader-metrics.ts';
import { UploaderNews } from './uploader-news.ts';

/** Announced items that may wait; the sweep finds those that were dropped. */
const INBOX_CAPACITY = 1000;
/** Longest time that the delivery loop may be silent: a check of the destination may take half a minute. */
const MAX_SILENCE_MS = 120_000;

/** Monotonic: a box whose clock is set back must not stop to upload. Nothing that it times outlives the process. */
const now = (): number => Math.ceil(performance.now());

/** Brings evidence from the evidence store, through a spool of its own, to Azure Blob Storage. */
export const uploader = defineModule({ name: 'uploader', twinSchema: uploaderTwinSchema, start: startUploader });

async function startUploader(context: ModuleContext<UploaderTwin>): Promise<RunningModule<UploaderTwin>> {
  const { log } = context;
  const config = readUploaderConfig(context.environment);
  const keyring = await Keyring.open(config.keyFile);
  const evidence = await FileStore.open({ dir: config.evidenceDir, keyring });
  try {
    const spool = await Spool.open({ dir: join(context.stateDir, 'spool'), keyring, log });
    return runUploader(context, { evidence, spool, connectionString: config.storageConnectionString });
  } catch (error) {
    await evidence.close();
    throw error;
  }
}

interface Stores {
  readonly evidence: FileStore;
  readonly spool: Spool;
  readonly connectionString: string | undefined;
}

function runUploader(context: ModuleContext<UploaderTwin>, stores: Stores): RunningModule<UploaderTwin> {
  const { log, signal } = context;
  const { evidence, spool, connectionString } = stores;
  let twin = context.twin;
  const news = new UploaderNews(context);
  const metrics = uploaderMetrics(context.metrics);
  const destination = openDestination({ connectionString, deviceId: context.deviceId, config: twin.destination });
  const circuit = new Circuit({
    retry: twin.retry,
    now,
    random: Math.random,
    onChange: (change) => news.destinationChanged(change, spoolStatus()),
  });
  const onQuarantined = (id: string, reason: RejectedError): void => {
    metrics.quarantined.inc({ reason: reason.code });
    news.quarantined(id, reason);
  };
  const delivery = new Delivery({
    spool,
    destination,
    circuit,
    config: twin,
    metrics,
    log,
    now,
    random: Math.random,
    signal,
    onUploaded: (upload) => news.uploaded(upload),
    onRemoved: () => intake.madeRoom(),
    onQuarantined,
    onBug: (error) => context.crash(error),
  });
  const intake = new EvidenceIntake({
    evidence,
    spool,
    maxSpoolBytes: twin.spool.maxBytes,
    metrics,
    log,
    onSpooled: () => delivery.wake(),
    onBlock: (block) => news.intakeChanged(block),
    onQuarantined,
  });
  const isReachable = (): boolean => circuit.state === 'reachable';
  const spoolStatus = (): SpoolStatus => ({ ...spool.usage(), oldest: spool.usage().oldest ?? null });
  const status = () => ({
    ...spool.usage(),
    maxBytes: twin.spool.maxBytes,
    destination: circuit.state,
    code: circuit.error?.code,
    underWay: delivery.underWay,
    blocked: intake.block?.code,
  });
  const spoolReport = new SpoolReport({
    status: spoolStatus,
    isReachable,
    report: (current) => news.spool(current),
    now,
  });
  defineUploaderGauges(context.metrics, { spoolUsage: () => spool.usage(), isReachable });

  const heartbeat = context.heartbeat('delivery', MAX_SILENCE_MS);
  news.starting();
  const loops = Promise.all([
    delivery.run(() => heartbeat.beat()),
    every(
      () => twin.sweepSeconds * 1000,
      signal,
      () => intake.sweep(signal),
    ),
    every(SpoolReport.intervalMs, signal, async () => spoolReport.reportIfDue()),
  ]).catch((error: unknown) => context.crash(error));

  return {
    inputs: {
      evidence: {
        capacity: INBOX_CAPACITY,
        handle: (items, stopping) =>
          intake.takeAnnounced(
            items.map(({ id }) => id),
            stopping,
          ),
      },
    },
    methods: {
      flush: defineMethod({
        payload: z.unknown(),
        call: async () => {
          delivery.flush();
          return status();
        },
      }),
      'spool-status': defineMethod({ payload: z.unknown(), call: async () => status() }),
    },
    status,
    apply: async (next) => {
      if (!isDeepStrictEqual(next.destination, twin.destination)) {
        destination.apply(next.destination);
        circuit.reset();
      }
      twin = next;
      intake.apply({ maxSpoolBytes: next.spool.maxBytes });
      delivery.apply(next);
    },
    drain: async (grace) => {
      heartbeat.stop();
      await delivery.drain(grace);
    },
    close: async () => {
      await loops;
      await spool.close();
      await evidence.close();
    },
  };
}

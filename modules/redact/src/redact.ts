import { join } from 'node:path';
import { ConfigError, type RedactTwin, redactTwinSchema, TransientError } from '@edgeveil/contracts';
import { defineModule, type ModuleContext, type RunningModule, WakeUp } from '@edgeveil/module-kit';
import { AggregateLedger } from './aggregate-ledger.ts';
import { AggregateSender } from './aggregate-sender.ts';
import { readRedactConfig } from './config.ts';
import { EvidenceRoom } from './evidence-room.ts';
import { FrameRedactor } from './frame-redactor.ts';
import { listQuarantine } from './list-quarantine.ts';
import { PolicyGate } from './policy-gate.ts';
import { redactMetrics } from './redact-metrics.ts';
import { RedactReporter } from './redact-reporter.ts';
import { openStores, type RedactStores } from './redact-stores.ts';
import { Sweep } from './sweep.ts';
import { WaitingFrames } from './waiting-frames.ts';
import { watchProgress } from './watch-progress.ts';
import { WorkQueue } from './work-queue.ts';

/** Ids that wait in memory: the sweep lists faster than frames are redacted. */
const QUEUE_CAPACITY = 1000;

/** Hides what the policy names in each frame, writes evidence with its receipt, and counts what was seen. */
export const redact = defineModule<RedactTwin>({
  name: 'redact',
  twinSchema: redactTwinSchema,
  async start(context) {
    const stores = await openStores(readRedactConfig(context.environment));
    try {
      // Known before the first frame asks for room.
      await stores.evidence.refreshUsage();
      const ledger = await AggregateLedger.open(join(context.stateDir, 'aggregates.db'), (error) =>
        context.log.error('ledger of aggregates damaged, begun anew', { error }),
      );
      return run(context, { stores, ledger });
    } catch (error) {
      await stores.close();
      throw error;
    }
  },
});

interface Opened {
  readonly stores: RedactStores;
  readonly ledger: AggregateLedger;
}

function run(context: ModuleContext<RedactTwin>, { stores, ledger }: Opened): RunningModule<RedactTwin> {
  const { log, signal } = context;
  const { frames, detections, evidence } = stores;
  const clock = Date.now;
  let twin = context.twin;
  let isClosed = false;
  const metrics = redactMetrics(context.metrics, () => detections.usage().items);
  const reporter = new RedactReporter({ context, policy: () => twin.policy, clock });
  const waiting = new WaitingFrames();
  const gate = new PolicyGate({
    policy: twin.policy,
    onChange: (refusals) => {
      waiting.clear();
      reporter.refusals(refusals);
      sweep.hurry();
    },
  });
  const room = new EvidenceRoom({
    usedBytes: () => evidence.usage().bytes,
    maxBytes: twin.evidence.maxBytes,
    onChange: (block) => reporter.block(block),
  });
  const evidenceOutput = context.output('evidence');
  const redactor = new FrameRedactor({
    frames,
    detections,
    evidence,
    ledger,
    gate,
    waiting,
    room,
    metrics,
    log,
    owner: context.moduleId,
    instance: context.instance,
    twin: () => twin,
    onEvidence: (item) => evidenceOutput.post(item),
    clock,
  });
  const queue = new WorkQueue({
    capacity: QUEUE_CAPACITY,
    concurrency: twin.concurrency,
    signal,
    work: (id) => redactor.redact(id, signal),
    onFailure: (error) => {
      // The grace ran out on it and its stores were closed under it: the next life does it again.
      if (isClosed) return;
      if (error instanceof TransientError || error instanceof ConfigError) log.warn('frame waits', { error });
      else context.crash(error);
    },
  });
  const sweep = new Sweep({
    detections,
    queue,
    waiting,
    returnToInference: (id) => redactor.returnToInference(id),
    sweepSeconds: () => twin.sweepSeconds,
    log,
    clock,
  });
  const sender = new AggregateSender({
    ledger,
    output: context.output('aggregates'),
    graceSeconds: () => twin.aggregates.graceSeconds,
    isPending: (id) => frames.has(id),
    log,
    clock,
  });
  reporter.refusals([]);
  const sweeping = sweep.run(signal).catch((error: unknown) => context.crash(error));
  const sending = sender.run(signal).catch((error: unknown) => context.crash(error));

  const watching = watchProgress(context, { queue, isBlocked: () => room.block !== undefined });

  return {
    inputs: {
      detections: {
        capacity: QUEUE_CAPACITY,
        handle: async (results) => {
          for (const { frame } of results) {
            // Announced anew: inference has looked at it again.
            waiting.delete(frame.id);
            await queue.add(frame.id);
          }
        },
      },
    },
    methods: { 'quarantine-list': listQuarantine(frames) },
    status: () => ({ waiting: queue.waiting, refused: gate.refusals, block: room.block, unfit: waiting.size }),
    apply: async (next) => {
      twin = next;
      queue.setConcurrency(next.concurrency);
      room.setMaxBytes(next.evidence.maxBytes);
      waiting.clear();
      gate.setPolicy(next.policy);
      reporter.refusals(gate.refusals);
      sweep.hurry();
    },
    drain: async (aborted) => {
      const late = new WakeUp().wait(aborted);
      await Promise.race([Promise.all([queue.idle(), sweeping]), late]);
    },
    close: async () => {
      isClosed = true;
      await Promise.all([sending, watching]);
      ledger.close();
      await stores.close();
    },
  };
}

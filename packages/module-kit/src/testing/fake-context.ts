import type { EndpointItems, EndpointName } from '@edgeveil/contracts';
import { Health } from '../health.ts';
import type { LogData } from '../log.ts';
import { LineLog } from '../log-lines/line-log.ts';
import type { ModuleContext } from '../module-context.ts';
import type { Output } from '../output.ts';
import { PrometheusMetrics } from '../prometheus-metrics.ts';
import { mergePatch } from '../twin/merge-patch.ts';

export interface FakeContextOptions<Twin> {
  readonly twin: Twin;
  readonly stateDir: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly moduleId?: string;
  /** Called for each item before it counts as sent; may wait or throw. */
  readonly onSend?: (name: EndpointName, item: unknown) => Promise<void> | void;
}

/** A context for tests of a module, and what the module did with it. */
export interface FakeContext<Twin> {
  readonly context: ModuleContext<Twin>;
  /** Items of each output, in the order of sending. */
  readonly sent: { readonly [Name in EndpointName]: readonly EndpointItems[Name][] };
  /** Reported properties, merged. */
  readonly reported: () => Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
  readonly crashes: readonly unknown[];
  readonly health: Health;
  /** The metrics in Prometheus' text format. */
  readonly metricsText: () => Promise<string>;
  /** As SIGTERM does. */
  readonly stop: () => void;
}

export function createFakeContext<Twin>(options: FakeContextOptions<Twin>): FakeContext<Twin> {
  const { twin, stateDir, environment = {}, moduleId = 'test', onSend } = options;
  const sent = { frames: [], detections: [], evidence: [], aggregates: [], events: [], uploads: [] };
  const lines: string[] = [];
  const crashes: unknown[] = [];
  const health = new Health();
  const stopping = new AbortController();
  const metrics = new PrometheusMetrics({ module: moduleId });
  let reported: Readonly<Record<string, unknown>> = {};
  return {
    sent,
    lines,
    crashes,
    health,
    reported: () => reported,
    metricsText: () => metrics.text(),
    stop: () => stopping.abort(),
    context: {
      moduleId,
      deviceId: 'test-device',
      instance: crypto.randomUUID(),
      twin,
      environment,
      stateDir,
      log: new LineLog({ scope: moduleId, level: 'debug', write: (line) => lines.push(line) }),
      metrics,
      signal: stopping.signal,
      output: <Name extends EndpointName>(name: Name): Output<EndpointItems[Name]> =>
        createFakeOutput(name, sent[name], onSend),
      report: async (patch: LogData) => {
        reported = mergePatch(reported, patch);
      },
      ready: (name, isReady, reason) => health.setReady(name, isReady, reason),
      heartbeat: (name, maxSilenceMs) => health.watch(name, maxSilenceMs),
      crash: (error) => crashes.push(error),
    },
  };
}

function createFakeOutput<Item>(
  name: EndpointName,
  sent: Item[],
  onSend: FakeContextOptions<unknown>['onSend'],
): Output<Item> {
  const send = async (item: Item) => {
    await onSend?.(name, item);
    sent.push(item);
  };
  return { send, post: (item) => void send(item).catch(() => {}), waiting: 0 };
}

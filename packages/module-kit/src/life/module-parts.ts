import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Health } from '../health.ts';
import type { ConnectHub, HubClient } from '../hub/hub-client.ts';
import { HubLink } from '../hub/hub-link.ts';
import { InputRouter } from '../inputs/input-router.ts';
import { RefusedMessages } from '../inputs/refused-messages.ts';
import type { LineLog } from '../log-lines/line-log.ts';
import { MethodServer } from '../method-server.ts';
import type { ModuleDefinition, ModuleTwin } from '../module-definition.ts';
import type { ModuleEnvironment } from '../module-environment.ts';
import { Outputs } from '../outputs/outputs.ts';
import { PrometheusMetrics } from '../prometheus-metrics.ts';
import { Reporter } from '../reporter.ts';
import type { MethodHandler } from '../running-module.ts';
import { TwinFile } from '../twin/twin-file.ts';
import { TwinKeeper } from '../twin/twin-keeper.ts';
import { TwinReader } from '../twin/twin-reader.ts';

export interface ModulePartsOptions<Twin extends ModuleTwin> {
  readonly definition: ModuleDefinition<Twin>;
  readonly environment: ModuleEnvironment;
  readonly log: LineLog;
  readonly signal: AbortSignal;
  readonly crash: (error: unknown) => void;
  readonly connect: ConnectHub;
  readonly maxSessionMs?: number;
}

/** The parts that every module has, wired to each other; nothing is opened yet. */
export class ModuleParts<Twin extends ModuleTwin> {
  readonly instance = randomUUID();
  readonly health = new Health();
  readonly metrics: PrometheusMetrics;
  readonly link: HubLink;
  readonly reporter: Reporter;
  readonly outputs: Outputs;
  readonly inputs: InputRouter;
  readonly refused: RefusedMessages;
  readonly methods: MethodServer;
  readonly twins: TwinKeeper<Twin>;
  #client: HubClient | undefined;

  constructor({ definition, environment, log, signal, crash, connect, maxSessionMs }: ModulePartsOptions<Twin>) {
    const defaultLevel = log.level;
    this.metrics = new PrometheusMetrics({ module: environment.moduleId, withProcessMetrics: true });
    this.methods = new MethodServer({ log, signal, crash });
    this.refused = new RefusedMessages(join(environment.stateDir, 'refused'), log);
    this.inputs = new InputRouter({ log, metrics: this.metrics, refused: this.refused, crash });
    const reader = new TwinReader({ log, onDocument: (document) => this.twins.offer(document) });
    this.link = new HubLink({
      connect,
      log,
      crash,
      ...(maxSessionMs === undefined ? {} : { maxSessionMs }),
      listeners: {
        input: (message) => this.inputs.take(message),
        desiredPatch: (patch) => reader.patch(patch),
        method: (name, payload) => this.methods.answer(name, payload),
      },
      onSession: (client, session) => {
        this.#client = client;
        client.serveMethods(this.methods.names);
        void reader.serve(client, session);
      },
      onState: (isConnected, reason) => this.health.setReady('hub', isConnected, reason),
    });
    this.reporter = new Reporter(this.link, log);
    this.outputs = new Outputs({ link: this.link, log, metrics: this.metrics });
    this.twins = new TwinKeeper({
      schema: definition.twinSchema,
      file: new TwinFile(join(environment.stateDir, 'last-good-twin.json'), log),
      log,
      // Delivered by the reporter whenever the hub is there; only a stop ends it, and then nobody needs to know.
      report: (twin) => void this.reporter.report({ twin }).catch(() => {}),
      onInForce: ({ document, twin }) => {
        log.setLevel('logLevel' in document.desired ? twin.logLevel : defaultLevel);
      },
    });
    for (const gate of ['hub', 'twin', 'module']) this.health.setReady(gate, false, 'starting');
  }

  /** Makes direct methods known, to the present connection too. */
  addMethods(methods: Readonly<Record<string, MethodHandler>>): void {
    for (const [name, method] of Object.entries(methods)) this.methods.add(name, method);
    this.#client?.serveMethods(this.methods.names);
  }

  /** What the kit itself knows, for the method `status`. */
  status(): Readonly<Record<string, unknown>> {
    return {
      instance: this.instance,
      uptimeSeconds: Math.round(performance.now() / 1000),
      live: this.health.liveness(),
      ready: this.health.readiness(),
      twin: { version: this.twins.version },
      queues: { inputs: this.inputs.sizes(), outputs: this.outputs.sizes() },
    };
  }

  /** Sends items and reports that wait, until the signal aborts. */
  async flush(signal: AbortSignal): Promise<void> {
    await Promise.all([this.outputs.close(signal), this.reporter.close(signal)]);
  }
}

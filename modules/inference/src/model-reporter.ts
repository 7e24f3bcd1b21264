import type { ConfigError, InferenceTwin, TransientError } from '@edgeveil/contracts';
import type { ModuleContext } from '@edgeveil/module-kit';
import type { FrameDetector, StageStatus } from './frame-detector.ts';
import type { GpuHost } from './host/detect-gpu-host.ts';
import { withoutQuery } from './library/download-model.ts';
import type { SlotState, WantedModel } from './model-slot.ts';
import type { ProviderReport } from './session/session-protocol.ts';

/** Tells operators which model runs and on what, or why none does: reported properties, log, readiness and an event. */
export class ModelReporter {
  readonly #context: ModuleContext<InferenceTwin>;
  readonly #host: GpuHost;
  readonly #clock: () => number;
  #reported: FrameDetector | undefined;

  constructor(context: ModuleContext<InferenceTwin>, host: GpuHost, clock: () => number) {
    this.#context = context;
    this.#host = host;
    this.#clock = clock;
  }

  changed({ detector, failure, wanted }: SlotState): void {
    if (detector !== undefined && detector !== this.#reported) {
      this.#tellRunning(detector);
    }
    this.#reported = detector;
    if (failure !== undefined) {
      this.#tellFailed(failure, detector, wanted);
    }
    this.#context.ready('model', detector !== undefined, failure && `${failure.code}: ${failure.message}`);
    const refused = failure === undefined ? NO_FAILURE : failureOf(failure);
    this.#report({
      status: detector === undefined ? 'failed' : 'running',
      asked: askedOf(wanted),
      ...(detector === undefined ? { ...NOT_RUNNING, ...refused, refused: null } : this.#runningOf(detector)),
      // Beside a model that runs, the failure is that of another one.
      ...(detector === undefined ? {} : { ...NO_FAILURE, refused: failure === undefined ? null : refused }),
    });
  }

  #tellRunning(detector: FrameDetector): void {
    const { name, version, sha256 } = detector.identity;
    const { asked, used, failures, proof } = detector.provider;
    const { log } = this.#context;
    const { threads, batchSize, sessions } = detector;
    const loadMs = Math.round(detector.loadMs);
    log.info('model in use', { name, version, sha256, provider: used, threads, batchSize, sessions, loadMs, proof });
    if (failures.length > 0) {
      log.warn('not the first choice of execution provider', { asked, used, failures });
      this.#event('PROVIDER_FALLBACK', 'warn', `the model runs on ${used}`, { asked, failures });
    }
    for (const { name, failure } of detector.stages ?? []) {
      if (failure !== undefined) {
        this.#event('CASCADE_STAGE_FAILED', 'warn', `stage ${name}: ${failure.message}`, {
          stage: name,
          code: failure.code,
        });
      }
    }
    if (proof !== undefined && proof.speedup < 1) {
      const message = `the model is slower on ${used} than on the CPU`;
      log.warn('gpu slower than the cpu', { used, ...roundedProof(proof) });
      this.#event('PROVIDER_SLOW', 'warn', message, { used, ...roundedProof(proof) });
    }
  }

  #tellFailed(failure: ConfigError | TransientError, running: FrameDetector | undefined, wanted: WantedModel): void {
    const { code, message } = failure;
    const { expected, found } = failure.details;
    const asked = askedOf(wanted);
    const goesOn = running?.identity;
    this.#context.log.error(
      running === undefined ? 'model not usable, frames wait' : 'model not usable, the one before stays in use',
      { asked, running: goesOn, expected, found, error: failure },
    );
    this.#event('MODEL_FAILED', 'error', message, { code, asked, expected, found, running: goesOn });
  }

  #runningOf(detector: FrameDetector): Readonly<Record<string, unknown>> {
    const { name, version, sha256 } = detector.identity;
    const { sessions, threads, batchSize } = detector;
    return {
      name,
      version,
      sha256,
      decoder: detector.model.decoder,
      labels: detector.labels,
      provider: this.#providerOf(detector),
      sessions,
      threads,
      batchSize,
      loadMs: Math.round(detector.loadMs),
      stages: (detector.stages ?? []).map(stageOf),
    };
  }

  #providerOf(detector: FrameDetector): Readonly<Record<string, unknown>> {
    const { asked, used, failures, proof, device } = detector.provider;
    const { kind, driver, cuda, devices } = this.#host;
    return {
      asked,
      used,
      failures,
      devices: device === undefined ? null : detector.providers.map((each) => deviceOf(each, this.#host)),
      host: { kind, driver: driver ?? null, cuda: cuda ?? null, gpus: devices.map((each) => each.name) },
      proof: proof === undefined ? null : roundedProof(proof),
    };
  }

  #report(model: Readonly<Record<string, unknown>>): void {
    // The kit tries until the hub has it; what is left is a stop, and then there is nobody to tell.
    this.#context.report({ model }).catch(() => undefined);
  }

  #event(code: string, level: 'warn' | 'error', message: string, details: Record<string, unknown>): void {
    const at = new Date(this.#clock()).toISOString();
    this.#context.output('events').post({ code, level, message, at, details });
  }
}

// null takes a property out of the twin: nothing of a state before may stand beside the present one.
const NO_FAILURE = { code: null, message: null, expected: null, found: null } as const;
const NOT_RUNNING = {
  name: null,
  version: null,
  sha256: null,
  decoder: null,
  labels: null,
  provider: null,
  sessions: null,
  threads: null,
  batchSize: null,
  loadMs: null,
  stages: null,
} as const;

function failureOf({ code, message, details }: ConfigError | TransientError): Readonly<Record<string, unknown>> {
  return {
    code,
    message: message.slice(0, 1000),
    expected: details.expected ?? null,
    found: details.found ?? null,
  };
}

function stageOf({ name, yields, model, provider, failure }: StageStatus): Readonly<Record<string, unknown>> {
  return {
    stage: name,
    yields,
    status: failure === undefined ? 'running' : 'failed',
    name: model?.name ?? null,
    version: model?.version ?? null,
    sha256: model?.sha256 ?? null,
    provider: provider ?? null,
    code: failure?.code ?? null,
    message: failure?.message.slice(0, 300) ?? null,
  };
}

function deviceOf({ device, proof }: ProviderReport, { devices }: GpuHost): Readonly<Record<string, unknown>> {
  const gpu = devices.find(({ index }) => index === device);
  return {
    index: device ?? null,
    name: gpu?.name ?? null,
    architecture: gpu?.architecture ?? null,
    ms: proof === undefined ? null : Math.round(proof.providerMs * 100) / 100,
  };
}

function roundedProof(proof: NonNullable<ProviderReport['proof']>): Readonly<Record<string, unknown>> {
  const short = (value: number | undefined): number | null =>
    value === undefined ? null : Number(value.toPrecision(4));
  return {
    maxError: short(proof.maxError),
    tolerance: proof.tolerance,
    cpuMs: short(proof.cpuMs),
    providerMs: short(proof.providerMs),
    speedup: short(proof.speedup),
    nodesOnProvider: short(proof.nodesOnProvider),
    nodesOnCpu: short(proof.nodesOnCpu),
    provenAt: proof.provenAt,
  };
}

/** What was asked for, without the query of a URL: there is a SAS in it. */
function askedOf({ twin, instead }: WantedModel): Readonly<Record<string, unknown>> {
  const { model, executionProviders, requireGpu } = twin;
  return {
    package: model.url === undefined ? model.package : null,
    url: model.url === undefined ? null : withoutQuery(model.url),
    version: model.version ?? null,
    sha256: model.sha256 ?? null,
    executionProviders,
    requireGpu,
    pinned: instead === undefined ? null : { name: instead.name, version: instead.version, sha256: instead.sha256 },
  };
}

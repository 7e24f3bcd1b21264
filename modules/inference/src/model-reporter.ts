import type { ConfigError, InferenceTwin } from '@edgeveil/contracts';
import type { ModuleContext } from '@edgeveil/module-kit';
import type { Detector } from './detector.ts';

/** Tells operators which model runs and on what, or why none does: reported properties, log, readiness and an event. */
export class ModelReporter {
  readonly #context: ModuleContext<InferenceTwin>;
  readonly #clock: () => number;

  constructor(context: ModuleContext<InferenceTwin>, clock: () => number) {
    this.#context = context;
    this.#clock = clock;
  }

  running(detector: Detector, twin: InferenceTwin): void {
    const { name, version, sha256 } = detector.identity;
    const { asked, used, failures } = detector.provider;
    const { log } = this.#context;
    const loadMs = Math.round(detector.loadMs);
    const { threads, batchSize } = detector;
    log.info('model in use', { name, version, sha256, provider: used, threads, batchSize, loadMs });
    if (failures.length > 0) {
      log.warn('not the first choice of execution provider', { asked, used, failures });
      this.#event('PROVIDER_FALLBACK', 'warn', `the model runs on ${used}`, { asked, failures });
    }
    this.#context.ready('model', true);
    this.#report({
      status: 'running',
      asked: askedOf(twin),
      name,
      version,
      sha256,
      decoder: detector.model.decoder,
      labels: detector.labels,
      provider: { asked, used, failures },
      threads,
      batchSize,
      loadMs,
      ...Object.fromEntries(FAILURE_FIELDS.map((field) => [field, null])),
    });
  }

  failed(error: ConfigError, twin: InferenceTwin): void {
    const { code, message } = error;
    const { expected, found } = error.details;
    const asked = askedOf(twin);
    this.#context.log.error('model not usable, frames wait', { asked, expected, found, error });
    this.#context.ready('model', false, `${code}: ${message}`);
    this.#event('MODEL_FAILED', 'error', message, { code, asked, expected, found });
    this.#report({
      status: 'failed',
      asked,
      code,
      message: message.slice(0, 1000),
      expected: expected ?? null,
      found: found ?? null,
      ...Object.fromEntries(RUNNING_FIELDS.map((field) => [field, null])),
    });
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
const FAILURE_FIELDS = ['code', 'message', 'expected', 'found'] as const;
const RUNNING_FIELDS = [
  'name',
  'version',
  'sha256',
  'decoder',
  'labels',
  'provider',
  'threads',
  'batchSize',
  'loadMs',
] as const;

function askedOf({ model, executionProviders, requireGpu }: InferenceTwin): Readonly<Record<string, unknown>> {
  return { package: model.package, sha256: model.sha256 ?? null, executionProviders, requireGpu };
}

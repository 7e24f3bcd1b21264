import type { Event, RejectedError, Upload } from '@edgeveil/contracts';
import type { ModuleContext } from '@edgeveil/module-kit';
import type { CircuitChange } from './circuit.ts';
import type { IntakeBlock } from './evidence-intake.ts';
import type { SpoolStatus } from './spool-report.ts';

type NewsContext = Pick<ModuleContext<unknown>, 'log' | 'output' | 'ready' | 'report'>;

/** Tells the world what changed: once each, in the log, as an event, in the reported properties and in /readyz. */
export class UploaderNews {
  readonly #context: NewsContext;

  constructor(context: NewsContext) {
    this.#context = context;
  }

  /** Before anything is known. */
  starting(): void {
    this.#context.ready('storage', false, 'not checked yet');
    this.#context.ready('spool', true);
  }

  destinationChanged({ state, error, downMs }: CircuitChange, spool: SpoolStatus): void {
    const { log, ready } = this.#context;
    const about = { code: error?.code, reason: error?.message, ...error?.details };
    // Away is what the spool is for, so the module is ready; refused is not: somebody must act
    ready('storage', state !== 'refused', error?.message);
    this.#report({
      destination: {
        state,
        code: error?.code ?? null,
        message: error?.message ?? null,
        since: new Date().toISOString(),
      },
    });
    const message = error?.message ?? '';
    switch (state) {
      case 'reachable':
        if (downMs === 0) {
          log.info('cloud reachable', { spool });
        } else {
          log.info('cloud reachable again', { downSeconds: Math.round(downMs / 1000), spool });
          const details = { spool };
          this.#tell({ code: 'STORAGE_BACK', level: 'info', message: 'evidence is uploaded again', details });
        }
        break;
      case 'away':
        log.warn('cloud away', { ...about, spool });
        this.#tell({ code: 'STORAGE_AWAY', level: 'warn', message, details: { ...about, spool } });
        break;
      case 'refused':
        log.error('cloud refuses', { ...about, spool });
        this.#tell({ code: 'STORAGE_REFUSED', level: 'error', message, details: { ...about, spool } });
        break;
      default:
        state satisfies never;
    }
  }

  intakeChanged(block: IntakeBlock | undefined): void {
    const { log, ready } = this.#context;
    ready('spool', block === undefined, block?.message);
    if (block === undefined) {
      log.info('spool has room again');
      this.#tell({ code: 'SPOOL_HAS_ROOM', level: 'info', message: 'evidence is taken into the spool again' });
    } else {
      log.error('spool takes nothing, evidence stays in its store', { ...block });
      this.#tell({ code: block.code, level: 'error', message: block.message });
    }
  }

  quarantined(id: string, error: RejectedError): void {
    this.#context.log.warn('evidence quarantined', { id, error });
    this.#tell({
      code: 'EVIDENCE_QUARANTINED',
      level: 'warn',
      message: error.message,
      details: { id, reason: error.code, ...error.details },
    });
  }

  uploaded(upload: Upload): void {
    this.#context.output('uploads').post(upload);
  }

  spool(spool: SpoolStatus): void {
    this.#report({ spool });
  }

  #tell(event: Omit<Event, 'at'>): void {
    this.#context.output('events').post({ ...event, at: new Date().toISOString() });
  }

  #report(patch: Record<string, unknown>): void {
    // Resolves when the hub has it, maybe weeks from now: nobody waits for that
    this.#context.report(patch).catch((error: unknown) => this.#context.log.debug('not reported', { error }));
  }
}

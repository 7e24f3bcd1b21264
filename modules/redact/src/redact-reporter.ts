import type { Policy, RedactTwin } from '@edgeveil/contracts';
import type { ModuleContext } from '@edgeveil/module-kit';
import type { RoomBlock } from './evidence-room.ts';
import type { Refusal } from './policy-gate.ts';
import { hashPolicy } from './policy-hash.ts';

export interface RedactReporterOptions {
  readonly context: ModuleContext<RedactTwin>;
  /** The policy in force. */
  readonly policy: () => Policy;
  readonly clock: () => number;
}

/**
 * Says what state redaction is in wherever somebody looks: reported properties, /readyz, events, log. Once for each
 * change.
 */
export class RedactReporter {
  readonly #options: RedactReporterOptions;
  #logged = '[]';

  constructor(options: RedactReporterOptions) {
    this.#options = options;
  }

  /**
   * The policy in force, and the sources whose model cannot find what it hides; none when all frames pass. May be
   * called again with what it knows: a change of the policy alone is only reported.
   */
  refusals(refusals: readonly Refusal[]): void {
    const { context, policy } = this.#options;
    const { name } = policy();
    const isRefused = refusals.length > 0;
    const missingLabels = [...new Set(refusals.flatMap((refusal) => refusal.missingLabels))];
    this.#report({
      policy: {
        name,
        sha256: hashPolicy(policy()),
        status: isRefused ? 'refused' : 'in-force',
        // null takes a property out of the twin.
        missingLabels: isRefused ? missingLabels : null,
        refusals: isRefused ? refusals : null,
      },
    });
    const reason = `the model cannot find what policy ${name} hides: ${missingLabels.join(', ')}`;
    context.ready('policy', !isRefused, isRefused ? reason : undefined);
    const state = JSON.stringify(refusals);
    if (state === this.#logged) return;
    this.#logged = state;
    if (isRefused) {
      context.log.error('policy refused, frames wait', { policy: name, refusals });
      this.#event({ code: 'POLICY_REFUSED', level: 'error', message: reason, details: { policy: name, refusals } });
    } else {
      context.log.info('policy in force, frames pass again', { policy: name });
      this.#event({ code: 'POLICY_IN_FORCE', level: 'info', message: `policy ${name} is in force` });
    }
  }

  /** Why evidence cannot be stored; undefined when it can again. */
  block(block: RoomBlock | undefined): void {
    const { log } = this.#options.context;
    this.#report({ evidence: { status: block === undefined ? 'ok' : 'full', message: block?.message ?? null } });
    if (block === undefined) {
      log.info('evidence can be stored again');
      this.#event({ code: 'EVIDENCE_STORED_AGAIN', level: 'info', message: 'evidence can be stored again' });
    } else {
      log.warn('redaction waits for room', { ...block });
      this.#event({ ...block, level: 'warn' });
    }
  }

  #report(patch: Readonly<Record<string, unknown>>): void {
    // The kit tries until the hub has it; what is left is a stop, and then there is nobody to tell.
    this.#options.context.report(patch).catch(() => {});
  }

  #event(event: {
    readonly code: string;
    readonly level: 'info' | 'warn' | 'error';
    readonly message: string;
    readonly details?: Record<string, unknown>;
  }): void {
    const { context, clock } = this.#options;
    context.output('events').post({ ...event, at: new Date(clock()).toISOString() });
  }
}

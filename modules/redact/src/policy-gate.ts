import type { FrameDetections, Policy } from '@edgeveil/contracts';
import { missingLabels } from './missing-labels.ts';

/**
 * What becomes of a frame:
 * - `admitted`: its model can find everything that the policy hides
 * - `waits`: it cannot, and neither can the model that runs now
 * - `outdated`: it cannot, but the model that runs now can: inference shall look again
 */
export type Admission = 'admitted' | 'waits' | 'outdated';

/** What is forgotten may count as new once more. */
const MAX_REPLIES = 10_000;

/** The policy names labels that the model which looks at a source's frames does not have. */
export interface Refusal {
  readonly source: string;
  readonly missingLabels: readonly string[];
  readonly model: { readonly name: string; readonly version: string };
}

export interface PolicyGateOptions {
  readonly policy: Policy;
  /** Called when a source becomes refused, is refused for another reason, or passes again. */
  readonly onChange: (refusals: readonly Refusal[]) => void;
}

/**
 * Lets no frame pass whose model could not see what must be hidden: an empty list of faces from a model that knows no
 * faces means nothing. That is a mistake in the configuration, not in the frames, so they are neither passed nor set
 * aside: they wait until twin or model change.
 *
 * The model that runs now is the one of a source's newest result (several inference modules share the work by source).
 * A frame is `outdated` only when a later result has all labels, so a frame that goes back for it meets a later model.
 */
export class PolicyGate {
  readonly #onChange: PolicyGateOptions['onChange'];
  readonly #newest = new Map<string, FrameDetections>();
  /** When the result was made that a frame came back with, by its id. */
  readonly #replies = new Map<string, string>();
  #policy: Policy;
  #refusals: readonly Refusal[] = [];

  constructor({ policy, onChange }: PolicyGateOptions) {
    this.#policy = policy;
    this.#onChange = onChange;
  }

  get refusals(): readonly Refusal[] {
    return this.#refusals;
  }

  setPolicy(policy: Policy): void {
    this.#policy = policy;
    this.#judge();
  }

  /** @param isReply the frame was given back to inference, so this result, when it is first seen, is new whatever its clock says */
  admit(result: FrameDetections, { isReply = false }: { readonly isReply?: boolean } = {}): Admission {
    const { source } = result.frame;
    const newest = this.#newest.get(source);
    const isNew = isReply && this.#isFirstSight(result);
    if (newest === undefined || isNew || result.inferredAt >= newest.inferredAt) this.#takeAsNewest(result);
    if (this.#missing(result).length === 0) return 'admitted';
    const current = this.#newest.get(source);
    return current !== undefined && this.#missing(current).length === 0 ? 'outdated' : 'waits';
  }

  /** A frame that waits is seen again and again: what it came back with tells of the model that runs now only once. */
  #isFirstSight({ frame, inferredAt }: FrameDetections): boolean {
    const isFirst = this.#replies.get(frame.id) !== inferredAt;
    this.#replies.delete(frame.id);
    this.#replies.set(frame.id, inferredAt);
    if (this.#replies.size > MAX_REPLIES) {
      const [oldest = frame.id] = this.#replies.keys();
      this.#replies.delete(oldest);
    }
    return isFirst;
  }

  #takeAsNewest(result: FrameDetections): void {
    const before = this.#newest.get(result.frame.source);
    this.#newest.set(result.frame.source, result);
    // A frame's result changes the judgement only with the model.
    if (before?.model.sha256 !== result.model.sha256 || before.labels.join() !== result.labels.join()) this.#judge();
  }

  #missing(result: FrameDetections): string[] {
    return missingLabels(this.#policy, result.labels);
  }

  #judge(): void {
    const refusals: Refusal[] = [];
    for (const [source, result] of this.#newest) {
      const missing = this.#missing(result);
      const { name, version } = result.model;
      if (missing.length > 0) refusals.push({ source, missingLabels: missing, model: { name, version } });
    }
    if (JSON.stringify(refusals) === JSON.stringify(this.#refusals)) return;
    this.#refusals = refusals;
    this.#onChange(refusals);
  }
}

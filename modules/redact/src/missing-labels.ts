import type { Policy } from '@edgeveil/contracts';
import { PERSON } from './heads-without-faces.ts';

/** Labels that the policy needs and that a model with these labels can never find. */
export function missingLabels(policy: Policy, modelLabels: readonly string[]): string[] {
  const wanted = policy.hideHeads ? new Set([...policy.labels, PERSON]) : policy.labels;
  return [...wanted].filter((label) => !modelLabels.includes(label));
}

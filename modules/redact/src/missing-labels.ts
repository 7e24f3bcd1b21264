import type { Policy } from '@edgeveil/contracts';

/** Labels that the policy must hide and that a model with these labels can never find. */
export function missingLabels(policy: Policy, modelLabels: readonly string[]): string[] {
  return policy.labels.filter((label) => !modelLabels.includes(label));
}

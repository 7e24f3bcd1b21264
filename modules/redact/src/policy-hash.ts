import { createHash } from 'node:crypto';
import type { Policy } from '@edgeveil/contracts';

/** SHA-256 of a policy as canonical JSON: keys sorted, no white space. Anyone with the policy can work it out again. */
export function hashPolicy(policy: Policy): string {
  return createHash('sha256').update(canonicalJson(policy)).digest('hex');
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

import { TransientError } from '@edgeveil/contracts';
import { z } from 'zod';
import type { DesiredDocument } from './hub-client.ts';

const twinAnswerSchema = z.object({ desired: z.record(z.string(), z.unknown()) });
const versionSchema = z.number();

/**
 * The desired properties in a hub's answer to a twin read.
 * @throws TransientError `TWIN_ANSWER_INVALID`: edgeHub answers a read that failed with an empty body.
 */
export function desiredDocument(answer: unknown): DesiredDocument {
  const parsed = twinAnswerSchema.safeParse(answer);
  if (!parsed.success) {
    throw new TransientError('TWIN_ANSWER_INVALID', 'the hub answered a twin read with no twin');
  }
  const { desired } = parsed.data;
  return { version: patchVersion(desired) ?? 0, desired: withoutDollarKeys(desired) };
}

/** The `$version` of desired properties or of a patch to them. */
export function patchVersion(patch: Readonly<Record<string, unknown>>): number | undefined {
  const version = versionSchema.safeParse(patch.$version);
  return version.success ? version.data : undefined;
}

/** `$version` and `$metadata` belong to the hub, not to the configuration. They only occur at the root. */
export function withoutDollarKeys(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(document).filter(([key]) => !key.startsWith('$')));
}

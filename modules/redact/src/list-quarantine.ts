import { defineMethod } from '@edgeveil/module-kit';
import { z } from 'zod';
import type { ItemStore } from './item-store.ts';

const payloadSchema = z
  .strictObject({
    /** Ids after this one, as `next` of the page before gave it. */
    after: z.string().optional(),
    limit: z.int().min(1).max(500).default(100),
  })
  // Callers of a direct method without a payload send null.
  .nullish()
  .transform((payload) => payload ?? { after: undefined, limit: 100 });

/**
 * The method `quarantine-list`: frames that were set aside, with their reasons, by id (so by time), a page at a time.
 */
export function listQuarantine(frames: Pick<ItemStore, 'quarantined'>) {
  return defineMethod({
    payload: payloadSchema,
    async call({ after, limit }) {
      const items: { readonly id: string; readonly reason: unknown }[] = [];
      for await (const item of frames.quarantined()) if (after === undefined || item.id > after) items.push(item);
      items.sort((a, b) => (a.id < b.id ? -1 : 1));
      const page = items.slice(0, limit);
      return { items: page, next: items.length > limit ? page.at(-1)?.id : undefined };
    },
  });
}

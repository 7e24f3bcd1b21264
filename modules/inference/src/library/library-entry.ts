import { sha256Schema, timestampSchema } from '@edgeveil/contracts';
import { z } from 'zod';

/** Where a model in the library came from. */
const modelOriginSchema = z.enum(['url', 'method', 'folder']);
export type ModelOrigin = z.infer<typeof modelOriginSchema>;

/** `entry.json` beside a model in the library. */
export const libraryEntrySchema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  sha256: sha256Schema,
  bytes: z.int().nonnegative(),
  origin: modelOriginSchema,
  addedAt: timestampSchema,
});

/** One version of a model in the library; never changed once it is there. */
export type LibraryEntry = z.infer<typeof libraryEntrySchema>;

/** Name and version of a model. */
export type ModelKey = Pick<LibraryEntry, 'name' | 'version'>;

/** A folder's name for any text: what a path gives a meaning to is escaped. */
export function folderNameOf(text: string): string {
  return encodeURIComponent(text).replace(/^\./, '%2E').slice(0, 200);
}

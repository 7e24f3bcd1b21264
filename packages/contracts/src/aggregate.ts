import { z } from 'zod';
import { sourceNameSchema, timestampSchema } from './primitives.ts';

/** What was seen by one source in one minute. Sent again with higher figures when frames of that minute come late. */
export const aggregateSchema = z
  .object({
    source: sourceNameSchema,
    /** First instant of the window, and its length. */
    windowStart: timestampSchema,
    windowSeconds: z.int().positive(),
    frames: z.int().nonnegative(),
    /** Detections per label, summed over the frames of the window. */
    counts: z.record(z.string(), z.int().nonnegative()),
    /** Goes up by one each time this window is sent: the highest one counts, so a consumer can upsert. */
    revision: z.int().positive(),
  })
  .readonly();
export type Aggregate = z.infer<typeof aggregateSchema>;

/** Body of a message of type `aggregate`. */
export const aggregatesMessageSchema = z.object({ aggregates: z.array(aggregateSchema).min(1).readonly() }).readonly();
export type AggregatesMessage = z.infer<typeof aggregatesMessageSchema>;

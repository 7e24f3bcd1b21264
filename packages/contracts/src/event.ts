import { z } from 'zod';
import { timestampSchema } from './primitives.ts';

/** Something that someone may want to act on: a source that went away, a model that does not load, a full store. */
export const eventSchema = z
  .object({
    code: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
    level: z.enum(['info', 'warn', 'error']),
    message: z.string(),
    at: timestampSchema,
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .readonly();
export type Event = z.infer<typeof eventSchema>;

/** Body of a message of type `event`. */
export const eventsMessageSchema = z.object({ events: z.array(eventSchema).min(1).readonly() }).readonly();
export type EventsMessage = z.infer<typeof eventsMessageSchema>;

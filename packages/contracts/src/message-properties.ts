import { z } from 'zod';

/** Kinds of message between modules and to the hub. */
export const messageTypeSchema = z.enum(['frame', 'detections', 'evidence', 'aggregate', 'event', 'upload']);
export type MessageType = z.infer<typeof messageTypeSchema>;

/** Version of the message bodies in this package, sent as the application property `schemaVersion`. */
export const MESSAGE_SCHEMA_VERSION = '1.0';

/**
 * Application properties of every message, so that routes can ask about them without a look at the body.
 * `source` is the one source that all items of the batch share, or `*` when they are mixed.
 */
export const messagePropertiesSchema = z.object({
  type: messageTypeSchema,
  schemaVersion: z.string(),
  source: z.string(),
});
export type MessageProperties = z.infer<typeof messagePropertiesSchema>;

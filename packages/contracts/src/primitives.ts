import { z } from 'zod';

/** RFC 3339 in UTC with milliseconds, as `Date.prototype.toISOString` writes it. */
export const timestampSchema = z.iso.datetime({ precision: 3 });

/** SHA-256 as 64 lower-case hexadecimal digits. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits');

/** Name of a camera, folder or other source: part of blob names and of routes, hence the narrow alphabet. */
export const sourceNameSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 of a-z, 0-9 and inner hyphens');

/** Name of a stage of a cascade. */
export const stageNameSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, 'must be 1 to 32 of a-z, 0-9 and inner hyphens');

/**
 * Id of a frame and of everything made from it. Sorts by capture time: 9 base-36 digits of the time in ms, a hyphen,
 * 24 hexadecimal digits of a hash of source, name and content. The same picture always gets the same id.
 */
export const frameIdSchema = z.string().regex(/^[0-9a-z]{9}-[0-9a-f]{24}$/, 'must be TIME36-HASH24');

/** `[x, y, width, height]` in pixels of the original frame, as it is displayed (EXIF orientation applied). */
export const boxSchema = z
  .tuple([z.number(), z.number(), z.number().nonnegative(), z.number().nonnegative()])
  .readonly();
export type Box = z.infer<typeof boxSchema>;

/** Share between 0 and 1. */
export const scoreSchema = z.number().min(0).max(1);

/** A picture format that the suite reads. */
export const pictureFormatSchema = z.enum(['jpeg', 'png', 'webp']);
export type PictureFormat = z.infer<typeof pictureFormatSchema>;

/**
 * `guaranteed` (files, REST): every frame reaches an end, and intake slows when the store fills up.
 * `live` (cameras): the newest frame wins, old ones are dropped and counted.
 */
export const guaranteeSchema = z.enum(['guaranteed', 'live']);
export type Guarantee = z.infer<typeof guaranteeSchema>;

import { z } from 'zod';

/** A path that stays below its volume: absolute paths and `..` are refused, so a twin cannot reach the rest of the host. */
export function relativePathSchema(volume: string): z.ZodString {
  return z
    .string()
    .min(1)
    .refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), `must be a path below ${volume}`);
}

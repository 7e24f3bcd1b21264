import { z } from 'zod';

/** Least severe level that is written. */
export const logLevelSchema = z.enum(['debug', 'info', 'warn', 'error']).describe('Least severe level that is logged.');
export type LogLevel = z.infer<typeof logLevelSchema>;

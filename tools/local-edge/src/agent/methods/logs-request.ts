import { z } from 'zod';
import type { LogFilter } from '../logs/filter-log.ts';
import { parseLogTime } from '../logs/parse-log-time.ts';
import { MethodError } from './method-error.ts';

const lowerCase = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value);
const timeSchema = z.union([z.string(), z.number()]).nullish();

const filterSchema = z.looseObject({
  tail: z.coerce.number().int().nullish(),
  since: timeSchema,
  until: timeSchema,
  loglevel: z.coerce.number().int().nullish(),
  regex: z.string().nullish(),
});

const itemSchema = z.looseObject({ id: z.string().trim().min(1), filter: filterSchema.nullish() });

/** What GetModuleLogs and UploadModuleLogs have in common. Keys in lower case. */
export const logsRequestSchema = z.looseObject({
  items: z.union([z.array(itemSchema), itemSchema.transform((item) => [item])]),
  encoding: z.preprocess(lowerCase, z.enum(['none', 'gzip']).nullish()).transform((value) => value ?? 'none'),
  contenttype: z.preprocess(lowerCase, z.enum(['json', 'text']).nullish()).transform((value) => value ?? 'json'),
});

export type LogsRequest = z.infer<typeof logsRequestSchema>;

/** Reads when the logs of a request begin or end. @throws MethodError 400 */
export function requestTime(name: string, value: string | number | null | undefined, now: Date): Date | undefined {
  if (value === null || value === undefined) return undefined;
  const time = parseLogTime(value, now);
  if (time === undefined) throw new MethodError(400, `${name} '${value}' is neither a time nor a duration`);
  return time;
}

/**
 * The modules that a request asks for, each with the filter of the first item that matches it. `all` is every module, anything else a regular
 * expression that is looked for in the name, in any case (LogsRequestToOptionsMapper.cs).
 * @throws MethodError 400
 */
export function selectLogs(request: LogsRequest, modules: readonly string[], now: Date): Map<string, LogFilter> {
  const selected = new Map<string, LogFilter>();
  for (const { id, filter } of request.items) {
    const wanted = id.toLowerCase() === 'all' ? undefined : regexOf('id', id, 'i');
    const logFilter = {
      tail: filter?.tail ?? undefined,
      since: requestTime('since', filter?.since, now),
      until: requestTime('until', filter?.until, now),
      logLevel: filter?.loglevel ?? undefined,
      regex: filter?.regex === null || filter?.regex === undefined ? undefined : regexOf('regex', filter.regex, ''),
    };
    for (const module of modules) {
      if (!selected.has(module) && (wanted === undefined || wanted.test(module))) selected.set(module, logFilter);
    }
  }
  return selected;
}

function regexOf(name: string, source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new MethodError(400, `${name} '${source}' is no regular expression: ${(error as Error).message}`);
  }
}

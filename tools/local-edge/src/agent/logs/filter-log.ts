import type { LogRecord } from './log-record.ts';
import { parseLogText } from './parse-log-text.ts';

/** Which lines of a log are wanted; what is left out does not matter. */
export interface LogFilter {
  /** The last so many of those that the rest of the filter lets through. */
  readonly tail?: number;
  readonly since?: Date;
  readonly until?: Date;
  /** Exactly this syslog level, as edgeAgent takes it; a line that names none has 6. */
  readonly logLevel?: number;
  /** Found in the text, level and time of the line left out. */
  readonly regex?: RegExp;
}

export function filterLog(records: readonly LogRecord[], filter: LogFilter): LogRecord[] {
  const { tail, since, until, logLevel, regex } = filter;
  const kept = records.filter(({ at, text }) => {
    if (since !== undefined && at < since) return false;
    if (until !== undefined && at > until) return false;
    if (logLevel === undefined && regex === undefined) return true;
    const parsed = parseLogText(text);
    if (logLevel !== undefined && parsed.level !== logLevel) return false;
    // A regular expression with a memory of its last match would skip every other line.
    return regex === undefined || new RegExp(regex.source, regex.flags.replace(/[gy]/g, '')).test(parsed.text);
  });
  return tail === undefined ? kept : kept.slice(Math.max(0, kept.length - tail));
}

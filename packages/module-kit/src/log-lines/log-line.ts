import type { LogLevel } from '@edgeveil/contracts';
import type { LogData } from '../log.ts';
import { logValue } from './log-value.ts';

/** Syslog severities, which edgeAgent reads from the start of a line. */
const SYSLOG_DIGITS = { debug: 7, info: 6, warn: 4, error: 3 } as const;

export interface LogLine {
  readonly level: LogLevel;
  readonly at: Date;
  readonly scope: string;
  readonly message: string;
  readonly data?: LogData;
}

/** `<6> 2026-01-31 10:00:00.123 +00:00 [uploader] message {"key":"value"}` and a line feed; nothing in it breaks the line. */
export function formatLogLine({ level, at, scope, message, data }: LogLine): string {
  const time = at.toISOString();
  const text = message.replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  const values = data === undefined || Object.keys(data).length === 0 ? '' : ` ${logValue(data)}`;
  return `<${SYSLOG_DIGITS[level]}> ${time.slice(0, 10)} ${time.slice(11, 23)} +00:00 [${scope}] ${text}${values}\n`;
}

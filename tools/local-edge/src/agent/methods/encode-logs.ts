import { gzipSync } from 'node:zlib';
import type { LogRecord } from '../logs/log-record.ts';
import { parseLogText } from '../logs/parse-log-text.ts';
import type { LogsRequest } from './logs-request.ts';

/** The device whose logs they are, as it stands in JSON entries. */
export interface LogSource {
  readonly hubName: string;
  readonly deviceId: string;
  readonly module: string;
}

/** A log in the form that a request asks for: lines or a JSON array, packed or not. */
export function encodeLogs(
  records: readonly LogRecord[],
  source: LogSource,
  { encoding, contenttype }: Pick<LogsRequest, 'encoding' | 'contenttype'>,
): Buffer {
  const text =
    contenttype === 'text'
      ? records.map((record) => `${record.text}\n`).join('')
      : JSON.stringify(records.map((record) => jsonEntry(record, source)));
  const bytes = Buffer.from(text);
  return encoding === 'gzip' ? gzipSync(bytes) : bytes;
}

function jsonEntry({ at, stream, text }: LogRecord, { hubName, deviceId, module }: LogSource): object {
  const parsed = parseLogText(text);
  return {
    iothub: hubName,
    device: deviceId,
    id: module,
    stream,
    loglevel: parsed.level,
    text: parsed.text,
    // A line without a time of its own has the one at which it came.
    timestamp: (parsed.time ?? at).toISOString(),
  };
}

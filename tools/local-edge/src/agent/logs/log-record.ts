/** A line that a module wrote, and when and where. */
export interface LogRecord {
  readonly at: Date;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

const record = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (stdout|stderr) (.*)$/s;

/** A record as it stands in a file: `2026-01-01T00:00:00.000Z stdout text`. */
export function formatLogRecord({ at, stream, text }: LogRecord): string {
  return `${at.toISOString()} ${stream} ${text}`;
}

/** `undefined` for what is no record: a line that a killed runtime left half written, or one from before records had times. */
export function parseLogRecord(line: string): LogRecord | undefined {
  const match = record.exec(line);
  if (match === null) return undefined;
  const at = new Date(match[1] ?? '');
  if (Number.isNaN(at.getTime())) return undefined;
  return { at, stream: match[2] === 'stderr' ? 'stderr' : 'stdout', text: match[3] ?? '' };
}

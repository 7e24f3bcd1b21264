/** What edgeAgent makes of a line (LogMessageParser.cs). */
export interface ParsedLogText {
  /** The syslog level; 6, information, where the line names none. */
  readonly level: number;
  /** `undefined` where the line names none. */
  readonly time: Date | undefined;
  /** The line without both. */
  readonly text: string;
}

const defaultLevel = 6;
const line = /^(?:<(\d)>)?\s*(?:(\d{4}-\d\d-\d\d)\s(\d\d:\d\d:\d\d.\d{3})\s([+-]\d\d:\d\d)\s)?\s*(.*)/s;

/** Reads `<6> 2026-01-01 00:00:00.000 +00:00 text`, each part but the text optional. */
export function parseLogText(value: string): ParsedLogText {
  const [, level, date, clock, offset, text] = line.exec(value) ?? [];
  const time = date === undefined ? undefined : new Date(`${date}T${clock}${offset}`);
  return {
    level: level === undefined ? defaultLevel : Number(level),
    time: time === undefined || Number.isNaN(time.getTime()) ? undefined : time,
    text: text || value,
  };
}

/** Values that belong to a log line. An `Error` anywhere in it is written with its code, message and causes. */
export type LogData = Readonly<Record<string, unknown>>;

/**
 * Writes lines as edgeAgent parses them. The message is a constant lower-case phrase, what varies goes in the data.
 * Never a key, a token, pixels, or what redaction removes. Writing never blocks and never throws.
 */
export interface Log {
  /** For the developer: every step. */
  debug(message: string, data?: LogData): void;
  /** The story of a healthy run. */
  info(message: string, data?: LogData): void;
  /** One operation failed and someone should look. */
  warn(message: string, data?: LogData): void;
  /** A feature is down until someone acts. */
  error(message: string, data?: LogData): void;
  /** A log whose lines carry `[module.name]`; it follows the level of its parent. */
  child(name: string): Log;
}

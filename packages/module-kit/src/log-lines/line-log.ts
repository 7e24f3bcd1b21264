import type { LogLevel } from '@edgeveil/contracts';
import type { Log, LogData } from '../log.ts';
import { formatLogLine } from './log-line.ts';

const SEVERITIES = { debug: 0, info: 1, warn: 2, error: 3 } as const;

export interface LineLogOptions {
  readonly scope: string;
  readonly level: LogLevel;
  readonly write: (line: string) => void;
  readonly clock?: () => Date;
}

/** A `Log` that writes lines; its children share its level. */
export class LineLog implements Log {
  readonly #options: LineLogOptions;
  readonly #threshold: { level: LogLevel };

  constructor(options: LineLogOptions, threshold: { level: LogLevel } = { level: options.level }) {
    this.#options = options;
    this.#threshold = threshold;
  }

  get level(): LogLevel {
    return this.#threshold.level;
  }

  setLevel(level: LogLevel): void {
    this.#threshold.level = level;
  }

  debug(message: string, data?: LogData): void {
    this.#write('debug', message, data);
  }

  info(message: string, data?: LogData): void {
    this.#write('info', message, data);
  }

  warn(message: string, data?: LogData): void {
    this.#write('warn', message, data);
  }

  error(message: string, data?: LogData): void {
    this.#write('error', message, data);
  }

  child(name: string): Log {
    return new LineLog({ ...this.#options, scope: `${this.#options.scope}.${name}` }, this.#threshold);
  }

  #write(level: LogLevel, message: string, data: LogData | undefined): void {
    if (SEVERITIES[level] < SEVERITIES[this.#threshold.level]) return;
    const { clock, scope, write } = this.#options;
    write(formatLogLine({ level, at: clock?.() ?? new Date(), scope, message, data }));
  }
}

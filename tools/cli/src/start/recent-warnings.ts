const KEPT = 4;
const MAX_LENGTH = 100;
/** A warning or error in the form that edgeAgent parses: `<4> date time zone [module] message {data}`. */
const LINE = /^<[0-4]> \S+ (\d\d:\d\d:\d\d)\S* \S+ (.*)$/;

/** The last few warnings and errors of the modules' logs, to be shown under the table; their data is in the log files. */
export class RecentWarnings {
  readonly #lines: string[] = [];

  /** Takes a log line in; lines of a lesser level, or of another form, are passed over. */
  add(line: string): void {
    const [, time, rest] = LINE.exec(line) ?? [];
    if (time !== undefined && rest !== undefined) this.note(`${time} ${rest.replace(/ \{.*$/, '')}`);
  }

  note(line: string): void {
    this.#lines.push(line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH - 1)}…` : line);
    if (this.#lines.length > KEPT) this.#lines.shift();
  }

  list(): readonly string[] {
    return this.#lines;
  }
}

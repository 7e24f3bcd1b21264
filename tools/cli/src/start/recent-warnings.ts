const KEPT = 4;
const MAX_LENGTH = 160;

/** The last few warnings and errors of the modules' logs, to be shown under the table. */
export class RecentWarnings {
  readonly #lines: string[] = [];

  /** Takes a log line in, in the form that edgeAgent parses: `<4> time [module] message …`; others are passed over. */
  add(line: string): void {
    const level = /^<([0-7])> /.exec(line)?.[1];
    if (level !== undefined && Number(level) <= 4) this.note(line.slice(4));
  }

  note(line: string): void {
    this.#lines.push(line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH - 1)}…` : line);
    if (this.#lines.length > KEPT) this.#lines.shift();
  }

  list(): readonly string[] {
    return this.#lines;
  }
}

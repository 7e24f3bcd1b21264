/** What a command may touch of the process it runs in: everything else is passed as options. */
export interface CliContext {
  /** What is piped in. Read only by a command that was told to. */
  readonly input: NodeJS.ReadableStream;
  /** Results, for people or for the next program. */
  readonly output: NodeJS.WritableStream;
  /** Progress, warnings and errors. */
  readonly errors: NodeJS.WritableStream;
  /** Whether a person looks at the output as it comes: colours, progress bars and live tables are for them. */
  readonly isTerminal: boolean;
  /** Columns of the terminal, where there is one. */
  readonly columns?: number | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDir: string;
  /** Aborts when the user asks to stop (Ctrl-C). */
  readonly signal: AbortSignal;
}

/** 0: done. 1: the work failed, wholly or in part. 2: wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** The parts of `process` that the life of a module needs; `main.ts` hands in the real one. */
export interface ModuleProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: { readonly fd?: number; write(text: string): boolean };
  exitCode?: number | string | null | undefined;
  exit(code: number): void;
  on(event: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  on(event: 'uncaughtException', listener: (error: Error) => void): unknown;
  on(event: 'unhandledRejection', listener: (reason: unknown) => void): unknown;
  off(event: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  off(event: 'uncaughtException', listener: (error: Error) => void): unknown;
  off(event: 'unhandledRejection', listener: (reason: unknown) => void): unknown;
  getActiveResourcesInfo(): string[];
}

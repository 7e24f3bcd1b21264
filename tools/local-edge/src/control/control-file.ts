import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** `control.json` in a state folder: where the control socket of the edge that runs there is. A killed edge leaves it behind. */
export interface ControlFile {
  readonly pid: number;
  readonly startedAt: string;
  /** An absolute path. */
  readonly socket: string;
}

export function controlFilePath(stateDir: string): string {
  return join(stateDir, 'control.json');
}

/** What the file says; `undefined` when there is none, or it is torn. */
export function readControlFile(stateDir: string): ControlFile | undefined {
  try {
    const { pid, startedAt, socket }: Record<string, unknown> = JSON.parse(
      readFileSync(controlFilePath(stateDir), 'utf8'),
    );
    if (typeof pid !== 'number' || typeof startedAt !== 'string' || typeof socket !== 'string') return undefined;
    return { pid, startedAt, socket: resolve(stateDir, socket) };
  } catch {
    return undefined;
  }
}

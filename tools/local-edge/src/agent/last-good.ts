import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAgentConfig } from '../manifest/agent-config.ts';
import type { AgentConfig } from '../manifest/deployment.ts';
import type { JsonObject } from '../twins/json-object.ts';

/** The desired properties of `$edgeAgent` that were taken last, as edgeAgent keeps them in its backup: for a start at which the twin has bad ones. */
export class LastGood {
  readonly #path: string;

  constructor(stateDir: string) {
    this.#path = join(stateDir, 'deployment.json');
  }

  /** Never throws: without it the manifest's own modules are there. */
  async keep(desired: JsonObject): Promise<void> {
    try {
      const whole = `${this.#path}.new`;
      await writeFile(whole, JSON.stringify(desired), { mode: 0o600 });
      await rename(whole, this.#path);
    } catch {
      // A full disk. The twin itself is stored.
    }
  }

  /** `undefined` when there is none that can be read. */
  async read(): Promise<AgentConfig | undefined> {
    try {
      return parseAgentConfig(JSON.parse(await readFile(this.#path, 'utf8')));
    } catch {
      return undefined;
    }
  }
}

import type { DatabaseSync } from 'node:sqlite';
import { stripMetadata } from './diff.ts';
import { isJsonObject, type JsonObject } from './json-object.ts';

/** The two halves of a twin, each with the number of its last change. */
export interface Twin {
  readonly desired: JsonObject;
  readonly desiredVersion: number;
  readonly reported: JsonObject;
  readonly reportedVersion: number;
  /** The desired half of the manifest that was applied last, to tell a new manifest from the same one. */
  readonly manifestDesired: JsonObject | undefined;
  /** The desired half as the module was last told of it, to bring it up to date when it comes back; `undefined` when it never asked. */
  readonly told: { readonly version: number; readonly desired: JsonObject } | undefined;
}

const newTwin: Twin = {
  desired: {},
  desiredVersion: 1,
  reported: {},
  reportedVersion: 1,
  manifestDesired: undefined,
  told: undefined,
};

/** The twins of all modules, kept over restarts. */
export class TwinStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** A module that was never heard of has an empty twin. */
  get(moduleId: string): Twin {
    const row = this.#database.prepare('SELECT * FROM twins WHERE id = ?').get(moduleId);
    if (row === undefined) return newTwin;
    return {
      desired: parse(row.desired),
      desiredVersion: Number(row.desired_version),
      reported: parse(row.reported),
      reportedVersion: Number(row.reported_version),
      manifestDesired: row.manifest_desired === null ? undefined : parse(row.manifest_desired),
      told:
        row.told_version === null ? undefined : { version: Number(row.told_version), desired: parse(row.told_desired) },
    };
  }

  /** All that `change` puts is kept, or, when it or the disk fails, none of it. */
  atomically(change: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      change();
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  put(moduleId: string, twin: Twin): void {
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO twins (id, desired, desired_version, reported, reported_version, manifest_desired, told_version, told_desired)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        moduleId,
        JSON.stringify(stripMetadata(twin.desired)),
        twin.desiredVersion,
        JSON.stringify(twin.reported),
        twin.reportedVersion,
        twin.manifestDesired === undefined ? null : JSON.stringify(twin.manifestDesired),
        twin.told?.version ?? null,
        twin.told === undefined ? null : JSON.stringify(twin.told.desired),
      );
  }
}

function parse(text: unknown): JsonObject {
  const value: unknown = JSON.parse(String(text));
  return isJsonObject(value) ? value : {};
}

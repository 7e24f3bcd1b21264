import type { SourceObject } from '../manifest/build/json-source.ts';
import type { JsonObject } from '../twins/json-object.ts';
import type { Remark } from './finding.ts';

/** A module of the deployment as far as the checks need it. */
export interface LintModule {
  readonly name: string;
  readonly path: string;
  readonly value: unknown;
  readonly isSystem: boolean;
}

/** A route of the deployment; the text is missing where there is none. */
export interface LintRoute {
  readonly name: string;
  /** Of the entry, which may be an object. */
  readonly path: string;
  /** Of the text. */
  readonly textPath: string;
  readonly text: string | undefined;
  readonly value: unknown;
}

/** What the checks look at: the document with its variables filled in, taken apart. */
export interface LintContext {
  readonly document: JsonObject;
  readonly source: SourceObject;
  readonly contentPath: string;
  readonly content: JsonObject;
  /** Whether the file is a layer, which says only what it adds. */
  readonly isLayer: boolean;
  readonly agentPath: string;
  readonly agent: JsonObject | undefined;
  readonly hubPath: string;
  readonly hub: JsonObject | undefined;
  readonly modules: readonly LintModule[];
  readonly routes: readonly LintRoute[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly repoDir: string | undefined;
}

export type Check = (context: LintContext) => Iterable<Remark> | AsyncIterable<Remark>;

export type Severity = 'error' | 'warning' | 'note';

/**
 * What every check is called, and how bad it is: with an error a device refuses the deployment, or a part of it; with a warning it takes
 * it and does what nobody means; a note is for information. Codes are stable.
 */
export const checks = {
  'json-invalid': 'error',
  'json-key-repeated': 'warning',
  schema: 'error',
  'schema-version': 'error',
  'unknown-field': 'warning',
  'module-name': 'error',
  'create-options': 'error',
  'create-options-long': 'error',
  'image-unresolved': 'error',
  'unset-variable': 'warning',
  'twin-invalid': 'error',
  'twin-without-module': 'warning',
  'ttl-zero': 'warning',
  'upstream-missing': 'note',
  'route-name': 'error',
  'route-syntax': 'error',
  'route-type': 'error',
  'route-sink': 'error',
  'route-object-version': 'error',
  'route-settings': 'error',
  'route-text-after-sink': 'warning',
  'route-comment': 'warning',
  'route-source': 'warning',
  'route-never': 'warning',
  'route-always': 'note',
  'route-duplicate': 'warning',
  'route-loop': 'warning',
  'route-loop-possible': 'note',
  'endpoint-module-unknown': 'warning',
  'endpoint-module-stopped': 'warning',
  'system-property': 'warning',
  'body-content-type': 'note',
  'body-twin-change': 'warning',
  'body-missing': 'warning',
  'body-is-null': 'warning',
} as const satisfies Readonly<Record<string, Severity>>;

export type CheckCode = keyof typeof checks;

/** A mistake, or something to know, about a deployment. */
export interface Finding {
  readonly code: CheckCode;
  readonly severity: Severity;
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
  /** JSON pointer of the value in the file. */
  readonly path: string;
  /** Where it is in the file; both start at 1. */
  readonly line: number;
  readonly column: number;
  /** The route that it is about, and the part of it. */
  readonly excerpt?: { readonly text: string; readonly start: number; readonly end: number };
}

/** What a check says; the place in the file is looked up for it. */
export interface Remark {
  readonly code: CheckCode;
  readonly message: string;
  readonly remedy: string;
  readonly path: string;
  /** Point at the key rather than the value. */
  readonly atKey?: boolean;
  /** Part of the text at the path, in characters of the text. */
  readonly span?: { readonly start: number; readonly end: number };
}

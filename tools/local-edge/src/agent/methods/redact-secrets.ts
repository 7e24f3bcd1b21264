import { isJsonObject } from '../../twins/json-object.ts';

const removed = '(removed)';

/** Names whose value is nobody else's business, whatever it looks like. */
const secretName =
  /pass(?:word|wd|phrase)?$|secret|credential|token|connection.?string|(?:access|account|api|shared|private|primary|secondary|storage|encryption|master|signing).?key|^key$|_key$|sas(?:.?url|.?uri)?$/i;

const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, removed],
  [/((?:SharedAccessKey|AccountKey|SharedAccessSignature|Password|Pwd)\s*=\s*)[^;\s"',&]+/gi, `$1${removed}`],
  [/SharedAccessSignature sr=[^\s"']+/g, `SharedAccessSignature ${removed}`],
  [/([?&;\s"']sig=)[^&\s"']+/gi, `$1${removed}`],
  [/(Bearer|Basic) [\w.~+/=-]{8,}/gi, `$1 ${removed}`],
  // User and password in a URL.
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, `$1${removed}@`],
];

/** A text without the keys, tokens and signatures that are recognised by their form. */
export function redactText(text: string): string {
  return patterns.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

/** A document without secrets: what a telling name holds, what has the form of one, and the values of environment variables with such names. */
export function redactDocument(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return secretName.test(name) && value !== '' ? removed : redactText(value);
  if (Array.isArray(value)) return value.map((item) => redactDocument(item, name));
  if (!isJsonObject(value)) return secretName.test(name) && typeof value === 'number' ? removed : value;
  return Object.fromEntries(
    // `env: { NAME: { value } }`: the name that counts is the variable's.
    Object.entries(value).map(([key, inner]) => [key, redactDocument(inner, key === 'value' ? name : key)]),
  );
}

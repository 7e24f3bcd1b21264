/** What edgeHub's JSON library (Newtonsoft.Json) lets pass, and JSON.parse does not. */
// .NET does not count the byte order mark as white space.
const blanks = /(?:[^\S\uFEFF]|\/\*[\s\S]*?\*\/|\/\/[^\r\n]*)*/y;
const quoted = /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/y;
const name = /[A-Za-z0-9_$]+/y;
const word = /(?:true|false|null|undefined|NaN|-?Infinity)(?![A-Za-z0-9_$])/y;
const number = /[-+]?(?:0[xX][0-9a-fA-F]+|0[0-7]+(?![0-9.eE])|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/y;

/** Deeper documents are refused, as Newtonsoft.Json does by itself. */
const maxDepth = 64;

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Reads a JSON object as edgeHub does: names and texts in either quotes, names in none, comments, a comma before the end, numbers in hex and octal,
 * NaN and Infinity; of a name that stands twice the last one counts. `undefined` when it is none, or anything follows it.
 */
export function parseLenientObject(text: string): object | undefined {
  const reader = new LenientReader(text);
  try {
    return reader.read();
  } catch (error) {
    if (error === refused) return undefined;
    throw error;
  }
}

const refused = new SyntaxError('not JSON');

class LenientReader {
  readonly #text: string;
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): object | undefined {
    this.#match(blanks);
    const value = this.#text[this.#offset] === '{' ? this.#object(1) : undefined;
    this.#match(blanks);
    return this.#offset === this.#text.length ? value : undefined;
  }

  #value(depth: number): unknown {
    if (depth > maxDepth) throw refused;
    const next = this.#text[this.#offset];
    if (next === '{') return this.#object(depth);
    if (next === '[') return this.#array(depth);
    if (next === '"' || next === "'") return this.#string();
    const constant = this.#match(word);
    if (constant !== undefined) return wordValue(constant);
    const digits = this.#match(number);
    if (digits === undefined) throw refused;
    return numberValue(digits);
  }

  #object(depth: number): object {
    const members: [string, unknown][] = [];
    this.#offset += 1;
    while (!this.#takes('}')) {
      const next = this.#text[this.#offset];
      const key = next === '"' || next === "'" ? this.#string() : this.#match(name);
      if (key === undefined || !this.#takes(':')) throw refused;
      this.#match(blanks);
      members.push([key, this.#value(depth + 1)]);
      if (this.#takes(',')) continue;
      if (!this.#takes('}')) throw refused;
      break;
    }
    return Object.fromEntries(members);
  }

  #array(depth: number): unknown[] {
    const items: unknown[] = [];
    this.#offset += 1;
    while (!this.#takes(']')) {
      items.push(this.#value(depth + 1));
      if (this.#takes(',')) continue;
      if (!this.#takes(']')) throw refused;
      break;
    }
    return items;
  }

  #string(): string {
    const written = this.#match(quoted);
    if (written === undefined) throw refused;
    return written
      .slice(1, -1)
      .replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_match, code?: string, plain?: string) => {
        if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
        const value = escapes[plain ?? ''] ?? (/["'\\/]/.test(plain ?? '') ? plain : undefined);
        if (value === undefined) throw refused;
        return value;
      });
  }

  #takes(character: string): boolean {
    this.#match(blanks);
    if (this.#text[this.#offset] !== character) return false;
    this.#offset += 1;
    this.#match(blanks);
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#offset = pattern.lastIndex;
    return match[0];
  }
}

function wordValue(text: string): unknown {
  switch (text) {
    case 'true':
      return true;
    case 'false':
      return false;
    case 'null':
      return null;
    case 'undefined':
      // A kind of its own to the library, of which a condition knows nothing: as an object.
      return {};
    default:
      return Number(text);
  }
}

function numberValue(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '');
  return sign * (/^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits));
}

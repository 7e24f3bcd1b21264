/** A number as it is written, so that writing it again changes nothing. */
export class NumberText {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** A JSON document with what JavaScript's objects lose: the order of all keys and the text of numbers. */
export type SourceValue = string | boolean | null | NumberText | SourceValue[] | SourceObject;
export type SourceObject = Map<string, SourceValue>;

export interface ParsedSource {
  readonly value: SourceValue;
  /** Character offsets of every value and key by its JSON pointer. */
  readonly places: ReadonlyMap<string, { readonly key?: number; readonly value: number }>;
  /** Pointers of members whose key stands twice in its object; the last one counts. */
  readonly repeated: readonly { readonly pointer: string; readonly offset: number }[];
}

/** The text is no JSON: what was found and where. */
export class JsonSourceError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'JsonSourceError';
    this.offset = offset;
  }
}

/** One step of a JSON pointer. */
export function pointerStep(key: string | number): string {
  return `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

const maxDepth = 200;
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const stringPattern = /"(?:[^"\\]|\\.)*"/sy;
const wordPattern = /true|false|null/y;

/** Reads JSON text. @throws JsonSourceError */
export function parseJsonSource(text: string): ParsedSource {
  return new SourceReader(text).read();
}

class SourceReader {
  readonly #text: string;
  readonly #places = new Map<string, { key?: number; value: number }>();
  readonly #repeated: { pointer: string; offset: number }[] = [];
  // Editors on Windows put a byte order mark first.
  #offset: number;

  constructor(text: string) {
    this.#text = text;
    this.#offset = text.startsWith('\uFEFF') ? 1 : 0;
  }

  read(): ParsedSource {
    const value = this.#value('', 0);
    this.#skipBlanks();
    if (this.#offset < this.#text.length) throw this.#unexpected('the end');
    return { value, places: this.#places, repeated: this.#repeated };
  }

  #value(pointer: string, depth: number, key?: number): SourceValue {
    this.#skipBlanks();
    if (depth > maxDepth) throw new JsonSourceError(`nested deeper than ${maxDepth}`, this.#offset);
    this.#places.set(pointer, { ...(key === undefined ? {} : { key }), value: this.#offset });
    switch (this.#text[this.#offset]) {
      case '{':
        return this.#object(pointer, depth);
      case '[':
        return this.#array(pointer, depth);
      case '"':
        return this.#string();
      default: {
        const word = this.#match(wordPattern);
        if (word !== undefined) return word === 'null' ? null : word === 'true';
        const number = this.#match(numberPattern);
        if (number === undefined) throw this.#unexpected('a value');
        return new NumberText(number);
      }
    }
  }

  #object(pointer: string, depth: number): SourceObject {
    const members: SourceObject = new Map();
    this.#offset += 1;
    if (this.#takes('}')) return members;
    do {
      this.#skipBlanks();
      const offset = this.#offset;
      if (this.#text[offset] !== '"') throw this.#unexpected('a name in quotes');
      const name = this.#string();
      const inner = `${pointer}${pointerStep(name)}`;
      if (members.has(name)) this.#repeated.push({ pointer: inner, offset });
      if (!this.#takes(':')) throw this.#unexpected("':'");
      members.set(name, this.#value(inner, depth + 1, offset));
    } while (this.#takes(','));
    if (!this.#takes('}')) throw this.#unexpected("',' or '}'");
    return members;
  }

  #array(pointer: string, depth: number): SourceValue[] {
    const items: SourceValue[] = [];
    this.#offset += 1;
    if (this.#takes(']')) return items;
    do items.push(this.#value(`${pointer}${pointerStep(items.length)}`, depth + 1));
    while (this.#takes(','));
    if (!this.#takes(']')) throw this.#unexpected("',' or ']'");
    return items;
  }

  #string(): string {
    const written = this.#match(stringPattern);
    if (written === undefined) throw new JsonSourceError('this text has no end', this.#offset);
    try {
      return String(JSON.parse(written));
    } catch {
      throw new JsonSourceError('this text has a bad escape or a line break', this.#offset - written.length);
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#offset = pattern.lastIndex;
    return match[0];
  }

  #takes(character: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.#offset] !== character) return false;
    this.#offset += 1;
    return true;
  }

  #skipBlanks(): void {
    while (' \t\r\n'.includes(this.#text[this.#offset] ?? 'end')) this.#offset += 1;
  }

  #unexpected(wanted: string): JsonSourceError {
    const found = this.#text[this.#offset];
    return new JsonSourceError(
      `${wanted} is expected here, not ${found === undefined ? 'the end' : `'${found}'`}`,
      this.#offset,
    );
  }
}

/** The document as plain JavaScript values. */
export function plainValue(value: SourceValue): unknown {
  if (value instanceof NumberText) return Number(value.source);
  if (Array.isArray(value)) return value.map(plainValue);
  if (!(value instanceof Map)) return value;
  // Not Object.fromEntries' business alone: `__proto__` must become a member, which it does here.
  return Object.fromEntries([...value].map(([key, inner]) => [key, plainValue(inner)]));
}

import { nextToken, type Token, type TokenKind } from './lexer.ts';
import { SyntaxProblem } from './syntax-error.ts';

/** Hands out the tokens of a text one by one. Lexes no further than it is asked to: what follows a route's sink is never looked at. */
export class TokenReader {
  readonly #text: string;
  #offset = 0;
  #next: Token | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  peek(): Token {
    this.#next ??= nextToken(this.#text, this.#offset);
    return this.#next;
  }

  take(): Token {
    const token = this.peek();
    this.#offset = token.end;
    this.#next = undefined;
    return token;
  }

  /** Takes the next token if it is this one. */
  takeIf(kind: TokenKind, text?: string): Token | undefined {
    const token = this.peek();
    return token.kind === kind && (text === undefined || token.text === text) ? this.take() : undefined;
  }

  /** @throws SyntaxProblem when the next token is another one */
  expect(kind: TokenKind, text?: string): Token {
    const token = this.takeIf(kind, text);
    if (token === undefined) throw this.unexpected();
    return token;
  }

  unexpected(): SyntaxProblem {
    return new SyntaxProblem('Syntax error.', this.peek());
  }

  /** The tokens from here up to INTO or the end, without taking them. */
  *ahead(): Generator<Token> {
    for (let token = this.peek(); token.kind !== 'end'; token = nextToken(this.#text, token.end)) {
      if (token.kind === 'keyword' && token.text === 'INTO') return;
      yield token;
    }
  }
}

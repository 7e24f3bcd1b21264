import type { Expression } from './expression.ts';
import type { Token } from './lexer.ts';

/** A number as edgeHub reads it; one that .NET cannot hold or parse (`e5`, hex beyond 64 bits) is the literal undefined. */
export function numberLiteral(token: Token): Expression {
  const span = { start: token.start, end: token.end };
  const value = token.kind === 'hex' ? hexValue(token.text) : decimalValue(token.text);
  return value === undefined ? { kind: 'undefined', span } : { kind: 'number', value, span };
}

// 64 bits, signed: sixteen digits from 8 up are negative.
function hexValue(text: string): number | undefined {
  const bits = BigInt(text);
  return bits > 0xffff_ffff_ffff_ffffn ? undefined : Number(BigInt.asIntN(64, bits));
}

function decimalValue(text: string): number | undefined {
  return /^-?[eE]/.test(text) ? undefined : Number(text);
}

const netNumber = /^\s*(?:\(([\d,]*\.?\d*(?:[eE][+-]?\d+)?)\)|([+-]?)([\d,]*\.?\d*(?:[eE][+-]?\d+)?)([+-]?))\s*$/;

/**
 * A number as .NET reads it with NumberStyles.Any and the invariant culture: thousands separators, blanks around, a sign before or after, and
 * brackets for a negative one. `undefined` for any other text, hex and the empty one among them.
 */
export function parseNetNumber(text: string): number | undefined {
  const match = netNumber.exec(text);
  const digits = (match?.[1] ?? match?.[3] ?? '').replaceAll(',', '');
  if (match === null || !/\d/.test(digits.replace(/[eE].*/, '')) || (match[2] && match[4])) return undefined;
  const value = Number(digits);
  if (Number.isNaN(value)) return undefined;
  return match[1] !== undefined || match[2] === '-' || match[4] === '-' ? -value : value;
}

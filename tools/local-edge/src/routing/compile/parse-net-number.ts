// Sign, currency sign and brackets may each stand once, before or after the digits; blanks outside only, and before what follows the digits.
const blank = '[\\t-\\r ]*';
const digits = '(?:\\d[\\d,]*(?:\\.\\d*)?|\\.\\d+)(?:[eE][+-]?\\d+)?';
const netNumber = new RegExp(
  `^${blank}(?:(?<open>\\()(?<currencyA>¤)?|(?<currencyB>¤)?(?<sign>[+-])?(?<currencyC>¤)?)(?<digits>${digits})${blank}(?<currencyD>¤)?${blank}(?<after>[+-])?(?<close>\\))?${blank}\\0*$`,
);

/**
 * A number as .NET reads it with NumberStyles.Any and the invariant culture: thousands separators, blanks around, a sign before or after,
 * brackets for a negative one, the words for infinity. `undefined` for any other text, hex, NaN and the empty one among them.
 */
export function parseNetNumber(text: string): number | undefined {
  const groups = netNumber.exec(text)?.groups;
  if (groups === undefined) return infinity(text);
  const { open, close, sign, after } = groups;
  const currencies = [groups.currencyA, groups.currencyB, groups.currencyC, groups.currencyD].filter(Boolean);
  if ((open === undefined) !== (close === undefined) || currencies.length > 1) return undefined;
  if (after !== undefined && (sign !== undefined || open !== undefined)) return undefined;
  const value = Number((groups.digits ?? '').replaceAll(',', ''));
  return open !== undefined || sign === '-' || after === '-' ? -value : value;
}

function infinity(text: string): number | undefined {
  const match = /^\s*([+-]?)infinity\s*$/i.exec(text);
  if (match === null) return undefined;
  return match[1] === '-' ? -Infinity : Infinity;
}

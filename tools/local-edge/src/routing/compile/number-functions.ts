import { type BuiltIn, plainFunction } from './built-in.ts';
import { parseNetNumber } from './parse-net-number.ts';

const ofNumber = (call: (value: number) => number): BuiltIn => plainFunction(['number'], 'number', call);
const fromText = plainFunction(['string'], 'number', parseNetNumber);
const fromNumber = ofNumber((value) => value);

export const numberFunctions: readonly (readonly [string, BuiltIn])[] = [
  ['abs', ofNumber(Math.abs)],
  ['exp', ofNumber(Math.exp)],
  ['square', ofNumber((value) => value * value)],
  ['ceiling', ofNumber(Math.ceil)],
  ['floor', ofNumber(Math.floor)],
  ['sign', ofNumber(Math.sign)],
  ['sqrt', ofNumber(Math.sqrt)],
  ['power', plainFunction(['number', 'number'], 'number', power)],
  [
    'as_number',
    {
      accepts: (types) => fromText.accepts(types) ?? fromNumber.accepts(types),
      create: (values) => {
        const [asText, asNumber] = [fromText.create(values), fromNumber.create(values)];
        return (message) => asText(message) ?? asNumber(message);
      },
    },
  ],
];

// As .NET has it: one to the power of anything is one, minus one to the power of infinity too.
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
  return base ** exponent;
}

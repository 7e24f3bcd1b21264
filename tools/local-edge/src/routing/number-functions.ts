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
  ['power', plainFunction(['number', 'number'], 'number', (base, exponent) => base ** exponent)],
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

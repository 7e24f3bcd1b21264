/** Writes the protobuf messages of an ONNX file by field number: enough for graphs of a few nodes. */
export type Field = readonly [number: number, value: number | string | Uint8Array | readonly number[]];

/** A message of the given fields; strings and bytes are length-delimited, numbers are varints. */
export function message(...fields: readonly Field[]): Uint8Array {
  return Buffer.concat(fields.flatMap(([number, value]) => encodeField(number, value)));
}

function encodeField(number: number, value: Field[1]): Uint8Array[] {
  if (typeof value === 'number') {
    return [varint(number * 8), varint(value)];
  }
  if (typeof value === 'string' || value instanceof Uint8Array) {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    return [varint(number * 8 + 2), varint(bytes.length), bytes];
  }
  return value.flatMap((each) => encodeField(number, each));
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.of(...bytes, rest);
}

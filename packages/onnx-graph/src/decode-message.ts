import protobuf from 'protobufjs/minimal.js';
import type { OnnxModel } from './onnx-model.ts';
import { type FieldSpec, isMessage, type MessageName, WIRE_SCHEMA } from './wire-schema.ts';

/** Subgraphs of loops and branches nest a few deep; a file that goes further is made to exhaust the stack. */
const MAX_DEPTH = 40;

const WIRE = { varint: 0, bytes: 2, float: 5 } as const;

/** Decodes the bytes of a model. Throws whatever the reader throws for bytes that are none. */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  return decodeMessage('Model', bytes, 0) as OnnxModel;
}

type Fields = Record<string, unknown>;

function decodeMessage(name: MessageName, bytes: Uint8Array, depth: number): Fields {
  if (depth > MAX_DEPTH) {
    throw new RangeError(`messages nested more than ${MAX_DEPTH} deep`);
  }
  const schema = WIRE_SCHEMA[name];
  const reader = protobuf.Reader.create(bytes);
  const fields: Fields = {};
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const tag = reader.uint32();
    const spec = schema.get(tag >>> 3);
    if (spec === undefined || !readField(fields, spec, tag & 7, reader, depth)) {
      reader.skipType(tag & 7, 0, tag >>> 3);
      append(fields, 'unknown', bytes.subarray(start, reader.pos));
    }
  }
  return fields;
}

/** False when the field is not written as the schema says: then it is carried along unread. */
function readField(
  fields: Fields,
  { name, kind, isList }: FieldSpec,
  wire: number,
  reader: protobuf.Reader,
  depth: number,
): boolean {
  const put = (value: unknown): void => {
    if (isList) {
      append(fields, name, value);
    } else {
      fields[name] = value;
    }
  };
  if (kind === 'int' || kind === 'float') {
    const read = kind === 'int' ? () => readInt(reader) : () => reader.float();
    if (wire === WIRE.bytes && isList) {
      const length = reader.uint32();
      const end = reader.pos + length;
      if (end > reader.len) {
        throw new RangeError('index out of range');
      }
      while (reader.pos < end) {
        put(read());
      }
      return true;
    }
    if (wire !== (kind === 'int' ? WIRE.varint : WIRE.float)) {
      return false;
    }
    put(read());
    return true;
  }
  if (wire !== WIRE.bytes) {
    return false;
  }
  if (kind === 'string') {
    put(reader.string());
  } else if (isMessage(kind)) {
    put(decodeMessage(kind, reader.bytes(), depth + 1));
  } else {
    put(reader.bytes());
  }
  return true;
}

function append(fields: Fields, name: string, value: unknown): void {
  const present = fields[name];
  if (Array.isArray(present)) {
    present.push(value);
  } else {
    fields[name] = [value];
  }
}

function readInt(reader: protobuf.Reader): number | bigint {
  const { high, low } = reader.int64();
  const number = high * 2 ** 32 + (low >>> 0);
  return Number.isSafeInteger(number) ? number : (BigInt(high) << 32n) | BigInt(low >>> 0);
}

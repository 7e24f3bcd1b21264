import protobuf from 'protobufjs/minimal.js';
import type { OnnxModel } from './onnx-model.ts';
import { type FieldKind, isMessage, type MessageName, WIRE_SCHEMA } from './wire-schema.ts';

/** The bytes of a model: known fields in the order of their numbers, then those that were not known when it was read. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const writer = protobuf.Writer.create();
  writeMessage(writer, 'Model', { ...model });
  return writer.finish();
}

function writeMessage(writer: protobuf.Writer, name: MessageName, fields: Readonly<Record<string, unknown>>): void {
  for (const [number, { name: field, kind, isList }] of WIRE_SCHEMA[name]) {
    const value = fields[field];
    const values: readonly unknown[] = isList
      ? Array.isArray(value)
        ? value
        : []
      : value === undefined
        ? []
        : [value];
    for (const each of values) {
      writeValue(writer, number, kind, each);
    }
  }
  for (const raw of Array.isArray(fields.unknown) ? fields.unknown : []) {
    // Tag and value as they were read.
    writer.raw(raw);
  }
}

function writeValue(writer: protobuf.Writer, number: number, kind: FieldKind, value: unknown): void {
  if (kind === 'int') {
    writer.uint32(number * 8).int64(toLong(value));
  } else if (kind === 'float') {
    writer.uint32(number * 8 + 5).float(Number(value));
  } else if (kind === 'string') {
    writer.uint32(number * 8 + 2).string(String(value));
  } else if (isMessage(kind)) {
    writer.uint32(number * 8 + 2).fork();
    writeMessage(writer, kind, value as Readonly<Record<string, unknown>>);
    writer.ldelim();
  } else {
    writer.uint32(number * 8 + 2).bytes(value as Uint8Array);
  }
}

/** The writer takes decimal text for what a number cannot hold. */
function toLong(value: unknown): number | string {
  return typeof value === 'bigint' ? value.toString() : Number(value);
}

/** Element types of tensors by their number in the file, as onnxruntime names them, and the bytes of one. */
const ELEMENT_TYPES: ReadonlyMap<number, { readonly name: string; readonly bytes: number | undefined }> = new Map([
  [1, { name: 'float32', bytes: 4 }],
  [2, { name: 'uint8', bytes: 1 }],
  [3, { name: 'int8', bytes: 1 }],
  [4, { name: 'uint16', bytes: 2 }],
  [5, { name: 'int16', bytes: 2 }],
  [6, { name: 'int32', bytes: 4 }],
  [7, { name: 'int64', bytes: 8 }],
  [8, { name: 'string', bytes: undefined }],
  [9, { name: 'bool', bytes: 1 }],
  [10, { name: 'float16', bytes: 2 }],
  [11, { name: 'float64', bytes: 8 }],
  [12, { name: 'uint32', bytes: 4 }],
  [13, { name: 'uint64', bytes: 8 }],
  [16, { name: 'bfloat16', bytes: 2 }],
]);

export type ElementType = 'float32' | 'uint8' | 'int32' | 'int64' | 'float16' | 'float64';

export function elementTypeName(code: number | bigint | undefined): string {
  return ELEMENT_TYPES.get(Number(code ?? 0))?.name ?? `type ${String(code ?? 0)}`;
}

/** `undefined` for strings, and for types that this package does not know. */
export function elementBytes(typeName: string): number | undefined {
  return [...ELEMENT_TYPES.values()].find(({ name }) => name === typeName)?.bytes;
}

export function elementTypeCode(name: ElementType): number {
  return [...ELEMENT_TYPES].find(([, type]) => type.name === name)?.[0] ?? 0;
}

import { ConfigError } from '@edgeveil/contracts';

/** What the runtime's own words mean for who has to act; the first that fits is taken. */
const MEANINGS: readonly { readonly pattern: RegExp; readonly code: string; readonly expected: string }[] = [
  {
    pattern: /external data|external initializer|GetExtDataFromTensorProto|External data path/i,
    code: 'MODEL_EXTERNAL_DATA',
    expected: 'a model in one file, or a folder with its data files beside model.onnx',
  },
  {
    pattern:
      /opset \d+ is under development|only \*?guarantees|Unsupported model IR version|ai\.onnx.*opset.*(?:till|up to)|max supported/i,
    code: 'MODEL_OPSET_UNSUPPORTED',
    expected: 'a model of an opset that the runtime knows; export it with an older one',
  },
  {
    pattern: /Protobuf parsing failed|ModelProto does not have a graph|No graph was found|Invalid protobuf/i,
    code: 'MODEL_UNLOADABLE',
    expected: 'an ONNX file; this is none, or is cut off',
  },
  {
    pattern:
      /bad_alloc|Failed to allocate|out of memory|not enough memory|length_error|Invalid typed array length|Array buffer allocation failed/i,
    code: 'MODEL_TOO_LARGE',
    expected: 'a model that fits into memory',
  },
];

/** The ConfigError for a model that the runtime cannot load or run: the runtime's words are in `found`. */
export function unloadable(what: string, cause: unknown): ConfigError {
  const found = (cause instanceof Error ? cause.message : String(cause)).slice(0, 500);
  const meaning = MEANINGS.find(({ pattern }) => pattern.test(found));
  const code = meaning?.code ?? 'MODEL_UNLOADABLE';
  const expected = meaning?.expected ?? 'an ONNX model that onnxruntime can load and run';
  return new ConfigError(code, `${what}: the runtime cannot load or run the model: ${found}`, {
    cause,
    details: { file: what, expected, found },
  });
}

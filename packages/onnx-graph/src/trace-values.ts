import type { OnnxGraph } from './onnx-model.ts';

/** Operators that move or rename values and do not change what they mean. */
const MOVES = new Set([
  'Identity',
  'Reshape',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'Cast',
  'Concat',
  'Slice',
  'Split',
  'Dropout',
  'DequantizeLinear',
  'QuantizeLinear',
]);
/** Bound of a walk: a graph made of moves alone must not take for ever. */
const MAX_STEPS = 500;

/**
 * Operators that compute the values of an output, looked at through those that only move them. `['Sigmoid']` says that
 * scores are final, `['Conv']` that they are raw. `['Constant']` where nothing is computed.
 */
export function operatorsBehind(graph: OnnxGraph, output: string): readonly string[] {
  const makers = new Map(
    (graph.node ?? []).flatMap((node) => (node.output ?? []).map((name) => [name, node] as const)),
  );
  const found = new Set<string>();
  walk([output], (name) => {
    const maker = makers.get(name);
    if (maker === undefined) {
      return [];
    }
    if (MOVES.has(maker.opType ?? '')) {
      // Only Concat has more than one input of values; the others take shapes, axes and scales.
      return maker.opType === 'Concat' ? (maker.input ?? []) : (maker.input ?? []).slice(0, 1);
    }
    found.add(maker.opType ?? '');
    return [];
  });
  return [...found];
}

/** Operators that take the values of an input first: `['Sub']` or `['BatchNormalization']` say that the graph normalises itself. */
export function operatorsAfter(graph: OnnxGraph, input: string): readonly string[] {
  const found = new Set<string>();
  walk([input], (name) =>
    (graph.node ?? [])
      .filter((node) => node.input?.includes(name))
      .flatMap((node) => {
        if (MOVES.has(node.opType ?? '')) {
          return node.output ?? [];
        }
        found.add(node.opType ?? '');
        return [];
      }),
  );
  return [...found];
}

function walk(start: readonly string[], next: (name: string) => readonly string[]): void {
  const seen = new Set<string>();
  const open = [...start];
  for (let steps = 0; steps < MAX_STEPS; steps += 1) {
    const name = open.pop();
    if (name === undefined) {
      return;
    }
    if (!seen.has(name)) {
      seen.add(name);
      open.push(...next(name));
    }
  }
}

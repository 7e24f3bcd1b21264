import { elementTypeName } from './element-type.ts';
import type { OnnxGraph, OnnxModel, OnnxTensor } from './onnx-model.ts';
import { operatorsAfter, operatorsBehind } from './trace-values.ts';
import { describeValue, type ValueDescription } from './value-description.ts';

export interface InitialiserDescription {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
}

/** What an ONNX file says about itself, without its weights. */
export interface OnnxDescription {
  readonly irVersion: number;
  /** Version of each operator set by domain; the standard one is `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Inputs that must be fed: weights, which old files list as inputs too, are left out. */
  readonly inputs: readonly (ValueDescription & { readonly goesTo: readonly string[] })[];
  readonly outputs: readonly (ValueDescription & { readonly madeBy: readonly string[] })[];
  readonly initialisers: readonly InitialiserDescription[];
  /** How often each operator is used, those of other domains as `domain:operator`. */
  readonly operators: Readonly<Record<string, number>>;
  /** Files beside the model that hold weights. */
  readonly externalFiles: readonly string[];
  /** Names of classes that operators carry, as `ZipMap` does. */
  readonly classLabels: readonly string[];
}

export function describeOnnx(model: OnnxModel): OnnxDescription {
  const graph = model.graph ?? {};
  const initialisers = (graph.initializer ?? []).map(describeInitialiser);
  const weights = new Set(initialisers.map(({ name }) => name));
  return {
    irVersion: Number(model.irVersion ?? 0),
    opsets: Object.fromEntries(
      (model.opsetImport ?? []).map(({ domain, version }) => [domain || 'ai.onnx', Number(version ?? 0)]),
    ),
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(' '),
    metadata: Object.fromEntries((model.metadataProps ?? []).map(({ key, value }) => [key ?? '', value ?? ''])),
    inputs: (graph.input ?? [])
      .map(describeValue)
      .filter(({ name }) => !weights.has(name))
      .map((value) => ({ ...value, goesTo: operatorsAfter(graph, value.name) })),
    outputs: (graph.output ?? []).map((value) => ({
      ...describeValue(value),
      madeBy: operatorsBehind(graph, value.name ?? ''),
    })),
    initialisers,
    operators: countOperators(model),
    externalFiles: [...new Set(externalFilesOf(graph))],
    classLabels: classLabelsOf(model),
  };
}

function describeInitialiser({ name = '', dataType, dims = [] }: OnnxTensor): InitialiserDescription {
  return { name, type: elementTypeName(dataType), shape: dims.map(Number) };
}

function countOperators({ graph }: OnnxModel): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { domain, opType = '' } of graph?.node ?? []) {
    const name = domain === undefined || domain === '' || domain === 'ai.onnx' ? opType : `${domain}:${opType}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const LABEL_ATTRIBUTES = new Set(['classlabels_strings', 'classlabels_string', 'cats_strings']);

function classLabelsOf({ graph }: OnnxModel): string[] {
  const attributes = (graph?.node ?? []).flatMap(({ attribute = [] }) => attribute);
  const labels = attributes.find(({ name = '', strings = [] }) => LABEL_ATTRIBUTES.has(name) && strings.length > 0);
  return (labels?.strings ?? []).map((text) => Buffer.from(text).toString('utf8'));
}

/** Of the weights, of constants, and of the graphs within operators. */
function externalFilesOf({ initializer = [], node = [] }: OnnxGraph): string[] {
  const attributes = node.flatMap(({ attribute = [] }) => attribute);
  const tensors = [...initializer, ...attributes.flatMap(({ t = [] }) => t)];
  const locations = tensors
    .filter(({ dataLocation }) => dataLocation === 1)
    .map(({ externalData = [] }) => externalData.find(({ key }) => key === 'location')?.value ?? '');
  return [...locations, ...attributes.flatMap(({ g }) => (g === undefined ? [] : externalFilesOf(g)))];
}

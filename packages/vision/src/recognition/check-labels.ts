import { ConfigError } from '@edgeveil/contracts';
import { familyOf } from '../families/family-table.ts';
import type { ModelPackage } from '../model-package.ts';
import type { ModelDescription } from './model-description.ts';
import { modelFacts } from './model-facts.ts';
import { outputText } from './table-facts.ts';

/**
 * Compares the number of labels of a package with the classes that the model's outputs have room for: ConfigError
 * MODEL_OUTPUT_MISMATCH. Says nothing of a model whose outputs do not show how many classes there are, or that its family
 * does not know by itself: that it can be decoded was seen in the first run.
 */
export function checkLabels(model: ModelPackage, description: ModelDescription): void {
  const facts = { ...modelFacts(description, model.name, model.input), names: model.labels };
  const recognition = familyOf(model.decoder)?.recognise(facts);
  const count = recognition?.labelCount;
  // A family that knows one thing under several numbers may be told to keep them apart.
  if (count === undefined || count === model.labels.length || count === 1) {
    return;
  }
  const expected = `${model.labels.length} classes, one for each label (decoder ${model.decoder})`;
  const found = `${count} classes in ${facts.outputs.map(outputText).join(', ')}`;
  throw new ConfigError('MODEL_OUTPUT_MISMATCH', `model output: expected ${expected}, found ${found}`, {
    details: { expected, found },
  });
}

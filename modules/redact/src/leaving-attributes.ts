import type { CascadeDetection, Detection, Policy, Receipt, ReceiptDetection, StageResult } from '@edgeveil/contracts';

type Leaves = Pick<Policy, 'attributes'>;

/** A detection as a receipt may tell it: label, score and box, and of what a cascade says the stages that the policy names. Named one by one, so that nothing new ever leaves by itself. */
export function receiptDetection(
  { label, score, box, attributes = [] }: CascadeDetection,
  policy: Leaves,
): ReceiptDetection {
  const leaving = attributes
    .filter(({ stage }) => policy.attributes?.includes(stage))
    .map((each) => ({ stage: each.stage, label: each.label, score: each.score }));
  return leaving.length === 0 ? { label, score, box } : { label, score, box, attributes: leaving };
}

/** Stages that a receipt names: those whose finds were redacted, and those whose attributes may leave. */
export function receiptStages(stages: readonly StageResult[], policy: Leaves): NonNullable<Receipt['stages']> {
  return stages.flatMap(({ name, yields, model }) =>
    model !== undefined && (yields === 'detections' || (yields !== 'embedding' && policy.attributes?.includes(name)))
      ? [{ name, model: { name: model.name, version: model.version, sha256: model.sha256 } }]
      : [],
  );
}

/** What is counted: labels of all detections, and the classes that may leave. Texts are not counted: each is a key of its own. */
export function countedLabels(
  detections: readonly CascadeDetection[],
  stages: readonly StageResult[],
  policy: Leaves,
): Pick<Detection, 'label'>[] {
  const counted = new Set(
    stages
      .filter(({ name, yields }) => yields === 'classification' && policy.attributes?.includes(name))
      .map(({ name }) => name),
  );
  return detections.flatMap(({ label, attributes = [] }) => [
    { label },
    ...attributes.filter(({ stage }) => counted.has(stage)).map((each) => ({ label: `${each.stage}:${each.label}` })),
  ]);
}

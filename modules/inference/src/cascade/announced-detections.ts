import { type CascadeConfig, type FrameDetections, isAnnounced } from '@edgeveil/contracts';

/**
 * What a message says of a frame: without texts and features of the stages that are not to announce them. They stay in the detections
 * store, sealed, until redact has settled the frame. Nobody can tell where a route leads.
 */
export function announcedDetections(result: FrameDetections, stages: CascadeConfig): FrameDetections {
  if (result.stages === undefined) {
    return result;
  }
  const announced = new Set(
    result.stages
      .filter(({ name }) => {
        const config = stages[name];
        return config !== undefined && isAnnounced(config);
      })
      .map(({ name }) => name),
  );
  const said = <Each extends { readonly stage: string }>(all: readonly Each[]): readonly Each[] =>
    all.filter(({ stage }) => announced.has(stage));
  return {
    ...result,
    detections: result.detections.map(({ attributes, embeddings, ...detection }) => ({
      ...detection,
      ...(attributes !== undefined && said(attributes).length > 0 ? { attributes: said(attributes) } : {}),
      ...(embeddings !== undefined && said(embeddings).length > 0 ? { embeddings: said(embeddings) } : {}),
    })),
  };
}

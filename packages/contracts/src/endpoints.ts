import { type Aggregate, aggregatesMessageSchema } from './aggregate.ts';
import { detectionsMessageSchema, type FrameDetections } from './detection.ts';
import { type Event, eventsMessageSchema } from './event.ts';
import { type Evidence, evidenceMessageSchema } from './evidence.ts';
import { type Frame, framesMessageSchema } from './frame.ts';
import { type Upload, uploadsMessageSchema } from './upload.ts';

/**
 * Every output of the suite: the type that its messages carry, the key of the body's one array, and the body's schema.
 * Inputs have the same names, so that a route reads `…/outputs/frames INTO …/inputs/frames`.
 */
export const ENDPOINTS = {
  frames: { type: 'frame', items: 'frames', schema: framesMessageSchema },
  detections: { type: 'detections', items: 'results', schema: detectionsMessageSchema },
  evidence: { type: 'evidence', items: 'evidence', schema: evidenceMessageSchema },
  aggregates: { type: 'aggregate', items: 'aggregates', schema: aggregatesMessageSchema },
  events: { type: 'event', items: 'events', schema: eventsMessageSchema },
  uploads: { type: 'upload', items: 'uploads', schema: uploadsMessageSchema },
} as const;

export type EndpointName = keyof typeof ENDPOINTS;

/** The item type that an endpoint's messages carry 1 to N of. */
export interface EndpointItems {
  frames: Frame;
  detections: FrameDetections;
  evidence: Evidence;
  aggregates: Aggregate;
  events: Event;
  uploads: Upload;
}

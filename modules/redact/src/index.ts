export { missingLabels } from './missing-labels.ts';
export { redact } from './redact.ts';
export {
  type FrameIdentity,
  type RedactedPicture,
  type RedactPictureOptions,
  type RedactStage,
  redactPicture,
} from './redact-picture.ts';

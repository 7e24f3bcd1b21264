export { Cascade } from './cascade/cascade.ts';
export { type ChainedModel, chainModels } from './cascade/chain-models.ts';
export { Detector, type DetectorOptions, type PictureBytes, type PreparedPicture } from './detector.ts';
export { cpuLimit } from './host/cpu-limit.ts';
export { detectGpuHost, type GpuDevice, type GpuHost } from './host/detect-gpu-host.ts';
export { type GpuAdvice, gpuAdvice, noGpuReason } from './host/gpu-advice.ts';
export { inference } from './inference.ts';
export { inspectModel, type ModelInspection } from './inspect-model.ts';
export { copyModel } from './library/copy-model.ts';
export {
  BUNDLED_MODELS_DIR,
  findModelPackage,
  type LocatedModel,
  locateModel,
  readModelPackage,
} from './locate-model.ts';
export type { ProviderReport, RunResult, RunTimings } from './session/session-protocol.ts';

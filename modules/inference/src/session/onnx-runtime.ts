import { env, InferenceSession, Tensor } from 'onnxruntime-node';

// Failures are thrown and logged by us; the runtime's own coloured lines would break the log format of edgeAgent.
env.logLevel = 'fatal';

export { InferenceSession, Tensor };

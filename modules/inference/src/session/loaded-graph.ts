import type { ExecutionProvider } from '@edgeveil/contracts';
import type { ModelIo, ModelPackage, Outputs, TensorValues } from '@edgeveil/vision';
import { type ModelPorts, modelPorts, runModel } from './model-ports.ts';
import type { RuntimeSession, SessionOptions } from './onnx-runtime.ts';
import { runtime } from './onnx-runtime.ts';
import { PictureIntake } from './picture-intake.ts';
import { unloadable } from './unloadable.ts';

/** A graph that the runtime has loaded, with pictures for its input. */
export interface LoadedGraph {
  readonly provider: ExecutionProvider;
  readonly bytes: Uint8Array;
  readonly session: RuntimeSession;
  readonly io: ModelIo;
  readonly ports: ModelPorts;
  /** The input's values of pictures: RGB bytes padded to the size of the input. Valid until the next call. */
  fill(pictures: readonly Uint8Array[], batch: number): TensorValues;
  /** Runs a batch. Throws what the runtime throws. */
  runOn(values: TensorValues, batch: number): Promise<Outputs>;
  /** Both of the above. */
  run(pictures: readonly Uint8Array[], batch: number): Promise<Outputs>;
  /** Ends the session, and the record of where nodes ran if there is one. */
  release(): Promise<void>;
}

export interface GraphFile {
  readonly provider: ExecutionProvider;
  readonly bytes: Uint8Array;
  /** For messages. */
  readonly name: string;
  readonly options: SessionOptions;
}

/** ConfigError MODEL_… for what the runtime cannot load. */
export async function loadSession({ bytes, name, options }: GraphFile): Promise<RuntimeSession> {
  try {
    return await runtime().create(bytes, options);
  } catch (cause) {
    throw unloadable(name, cause);
  }
}

/** @param input what the graph takes, which may not be what the model of the package takes */
export function loadedGraph(file: GraphFile, session: RuntimeSession, input: ModelPackage['input']): LoadedGraph {
  const io: ModelIo = { inputs: session.inputMetadata, outputs: session.outputMetadata };
  const ports = modelPorts(io, input);
  const intake = new PictureIntake(input);
  const runOn = (values: TensorValues, batch: number): Promise<Outputs> => runModel(session, ports, values, batch);
  return {
    provider: file.provider,
    bytes: file.bytes,
    session,
    io,
    ports,
    fill: (pictures, batch) => intake.values(pictures, batch),
    runOn,
    run: (pictures, batch) => runOn(intake.values(pictures, batch), batch),
    release: async () => {
      await session.placement();
      await session.release();
    },
  };
}

import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import { z } from 'zod';

// Failures are thrown and logged by us; the runtime's own coloured lines would break the log format of edgeAgent.
env.logLevel = 'fatal';

export { Tensor };

export type SessionOptions = InferenceSession.SessionOptions;

/** Nodes of the graph that ran on each execution provider, by the runtime's own name of it: `CUDAExecutionProvider`. */
export type Placement = Readonly<Record<string, number>>;

export type Feeds = InferenceSession.OnnxValueMapType;

/** A model that the runtime has loaded. */
export interface RuntimeSession extends Pick<InferenceSession, 'inputMetadata' | 'outputMetadata'> {
  /** Blocks the thread until it is done. Only the outputs that are named, or all. Throws what the runtime throws. */
  run(feeds: Feeds, outputs?: readonly string[]): Promise<InferenceSession.ReturnType>;
  release(): Promise<void>;
  /**
   * Ends the record of where nodes ran that `profileFilePrefix` began, and tells it. `undefined` when none was begun, or
   * the runtime wrote none.
   */
  placement(): Promise<Placement | undefined>;
}

/** The runtime as sessions see it: the seam at which tests put in one that throws, lies or is silent. */
export interface Runtime {
  /** Loads a model. Throws what the runtime throws. */
  create(bytes: Uint8Array, options: SessionOptions): Promise<RuntimeSession>;
}

const ONNX_RUNTIME: Runtime = {
  create: async (bytes, options) => {
    const session = await InferenceSession.create(bytes, options);
    return {
      inputMetadata: session.inputMetadata,
      outputMetadata: session.outputMetadata,
      run: (feeds, outputs) => (outputs === undefined ? session.run(feeds) : session.run(feeds, outputs)),
      release: () => session.release(),
      placement: () => readPlacement(session, options.profileFilePrefix),
    };
  },
};

let current = ONNX_RUNTIME;

/** The runtime in use in this thread. */
export function runtime(): Runtime {
  return current;
}

/** Puts another runtime in the place of onnxruntime, in this thread, for tests. Answers the one that it replaces. */
export function replaceRuntime(other: Runtime): Runtime {
  const previous = current;
  current = other;
  return previous;
}

const profileSchema = z.array(
  z.looseObject({ cat: z.string().optional(), args: z.looseObject({ provider: z.string().optional() }).optional() }),
);

async function readPlacement(session: InferenceSession, prefix: string | undefined): Promise<Placement | undefined> {
  if (prefix === undefined) {
    return undefined;
  }
  session.endProfiling();
  const dir = dirname(prefix);
  // The runtime adds the time to the name and does not say which.
  const files = (await readdir(dir)).filter((name) => name.startsWith(basename(prefix)));
  const counts: Record<string, number> = {};
  for (const name of files) {
    const text = await readFile(join(dir, name), 'utf8');
    await rm(join(dir, name), { force: true });
    for (const { cat, args } of profileSchema.parse(JSON.parse(text))) {
      if (cat === 'Node' && args?.provider !== undefined) {
        counts[args.provider] = (counts[args.provider] ?? 0) + 1;
      }
    }
  }
  return Object.keys(counts).length === 0 ? undefined : counts;
}

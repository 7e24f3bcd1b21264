import { createHash } from 'node:crypto';
import { type ConfigError, type InferenceTwin, RejectedError, type TransientError } from '@edgeveil/contracts';
import { defineMethod, type MethodHandler } from '@edgeveil/module-kit';
import { z } from 'zod';
import type { ModelSlot } from '../model-slot.ts';
import type { IncomingModels } from './incoming-models.ts';
import { type GoodModel, isSameModel, type LibraryState } from './library-state.ts';
import type { ModelLibrary } from './model-library.ts';
import type { ModelOpener } from './model-opener.ts';
import { type ModelUploads, uploadBeginSchema, uploadPartSchema } from './model-upload.ts';

/** A direct method is answered within this time; what takes longer goes on, and is told in the reported properties. */
const ANSWER_MS = 20_000;

export interface ModelMethodsOptions {
  readonly library: ModelLibrary;
  readonly state: LibraryState;
  readonly incoming: IncomingModels;
  readonly uploads: ModelUploads;
  readonly opener: ModelOpener;
  readonly slot: ModelSlot;
  readonly twin: () => InferenceTwin;
}

const keySchema = z.strictObject({ name: z.string().min(1), version: z.string().min(1) });
const shaSchema = z.strictObject({ sha256: z.string() });
/** A caller that has nothing to say sends nothing, null or an empty object. */
const nothingSchema = z.union([z.undefined(), z.null(), z.literal(''), z.strictObject({})]);

/** Direct methods for models: list, use, rollback, follow the twin again, remove, and upload in parts. */
export function modelMethods(options: ModelMethodsOptions): Readonly<Record<string, MethodHandler>> {
  const { library, state, incoming, uploads, opener, slot, twin } = options;

  const switchTo = async (model: GoodModel): Promise<unknown> => {
    const change = slot.use(model).then(async (failure) => {
      if (failure === undefined) {
        await state.setPin({ model, instead: wishOf(twin()) });
      }
      return failure;
    });
    return answerInTime(change, model);
  };

  return {
    'model-list': defineMethod({
      payload: nothingSchema,
      call: async () => ({
        inUse: slot.detector?.identity ?? null,
        pinned: state.pin?.model ?? null,
        failure: slot.failure === undefined ? null : { code: slot.failure.code, message: slot.failure.message },
        previous: state.good.slice(1),
        library: library.list().slice(0, 200),
      }),
    }),
    'model-use': defineMethod({
      payload: keySchema,
      call: async ({ name, version }) => {
        const entry =
          library.find(name, version) ?? state.good.find((good) => good.name === name && good.version === version);
        if (entry === undefined) {
          throw new RejectedError('MODEL_NOT_IN_LIBRARY', `the library has no model ${name} ${version}`);
        }
        return switchTo(entry);
      },
    }),
    'model-rollback': defineMethod({
      payload: nothingSchema,
      call: async () => {
        const inUse = slot.detector?.identity;
        const previous = state.good.find((good) => inUse === undefined || !isSameModel(good, inUse));
        if (previous === undefined) {
          throw new RejectedError('MODEL_NO_PREVIOUS', 'no other model has worked here before');
        }
        return switchTo(previous);
      },
    }),
    'model-follow-twin': defineMethod({
      payload: nothingSchema,
      call: async () => {
        await state.setPin(undefined);
        return answerInTime(slot.use(undefined), undefined);
      },
    }),
    'model-remove': defineMethod({
      payload: keySchema,
      call: async (key) => {
        const entry = library.find(key.name, key.version);
        const ofStages = slot.detector?.stages?.map(({ model }) => model?.sha256) ?? [];
        const inUse = [slot.detector?.identity.sha256, state.pin?.model.sha256, ...ofStages];
        if (entry !== undefined && inUse.includes(entry.sha256)) {
          throw new RejectedError('MODEL_IN_USE', `${key.name} ${key.version} is in use`);
        }
        return { removed: await library.remove(key) };
      },
    }),
    'model-upload-begin': defineMethod({ payload: uploadBeginSchema, call: (upload) => uploads.begin(upload) }),
    'model-upload-part': defineMethod({
      payload: uploadPartSchema,
      call: ({ sha256, offset, data }) => uploads.part(sha256, offset, Buffer.from(data, 'base64')),
    }),
    'model-upload-commit': defineMethod({
      payload: z.strictObject({ sha256: z.string(), use: z.boolean().default(false) }),
      call: async ({ sha256, use }) => {
        const uploaded = await uploads.commit(sha256);
        try {
          const { name, version } = await opener.take(uploaded, 'method', { ...uploaded, sha256 }, twin());
          return use ? switchTo({ name, version, sha256 }) : { name, version, sha256 };
        } finally {
          await incoming.discard(sha256);
        }
      },
    }),
    'model-upload-abort': defineMethod({
      payload: shaSchema,
      call: async ({ sha256 }) => {
        await uploads.abort(sha256);
        return { aborted: true };
      },
    }),
  };
}

/** What a pin stands in for: it holds until the twin asks for another model. */
export function wishOf({ model: { package: folder, version, url, sha256 } }: InferenceTwin): string {
  return createHash('sha256')
    .update(JSON.stringify([folder, version, url?.replace(/\?.*/s, ''), sha256]))
    .digest('hex');
}

async function answerInTime(
  change: Promise<ConfigError | TransientError | undefined>,
  model: GoodModel | undefined,
): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ANSWER_MS);
  });
  const outcome = await Promise.race([change, late]);
  clearTimeout(timer);
  if (outcome === 'late') {
    return { status: 'switching', model };
  }
  if (outcome !== undefined) {
    throw outcome;
  }
  return { status: 'switched', model };
}

import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '@edgeveil/contracts';
import { type ModelJson, type ModelPackage, modelJsonSchema, wholePackage } from '@edgeveil/vision';
import { z } from 'zod';

/** Models that are part of the image. */
export const BUNDLED_MODELS_DIR = fileURLToPath(new URL('../models', import.meta.url));

/** A model file and, if it is in a package, what `model.json` says about it. */
export interface LocatedModel {
  readonly modelFile: string;
  /** A `model.json` that leaves nothing out. */
  readonly description: ModelPackage | undefined;
  /** A `model.json` that leaves something out, which is then worked out from the file. */
  readonly known?: ModelJson;
}

/**
 * Finds a model package by its folder below one of `dirs`, the first one that has it; or a bare model: a folder with only
 * `model.onnx`, or an `.onnx` file. ConfigError MODEL_NOT_FOUND, MODEL_PACKAGE_INVALID.
 */
export async function findModelPackage(folder: string, dirs: readonly string[]): Promise<LocatedModel> {
  for (const dir of dirs) {
    if (await isThere(join(dir, folder, 'model.json'))) {
      return readModelPackage(join(dir, folder));
    }
    const bare = folder.toLowerCase().endsWith('.onnx') ? join(dir, folder) : join(dir, folder, 'model.onnx');
    if (await isThere(bare)) {
      return readModelFile(bare);
    }
  }
  const expected = dirs.map((dir) => join(dir, folder, 'model.json')).join(' or ');
  throw new ConfigError('MODEL_NOT_FOUND', `model package ${folder} not found: expected ${expected}`, {
    details: { expected, found: 'neither' },
  });
}

/** Reads the package in a folder; `model.onnx` itself is read and hashed when the session is opened. */
export async function readModelPackage(dir: string): Promise<LocatedModel> {
  return readDescribed(join(dir, 'model.onnx'), join(dir, 'model.json'));
}

async function readDescribed(modelFile: string, jsonFile: string): Promise<LocatedModel> {
  const parsed = modelJsonSchema.safeParse(parseJson(await readText(jsonFile)));
  if (!parsed.success) {
    throw new ConfigError('MODEL_PACKAGE_INVALID', `${jsonFile}: ${z.prettifyError(parsed.error)}`, {
      details: { file: jsonFile, expected: 'a valid model.json', found: z.prettifyError(parsed.error) },
    });
  }
  const description = wholePackage(parsed.data);
  return description === undefined ? { modelFile, description, known: parsed.data } : { modelFile, description };
}

/** A model file, with its description if one stands beside it. */
async function readModelFile(modelFile: string): Promise<LocatedModel> {
  const json = descriptionFileOf(modelFile);
  return (await isThere(json)) ? readDescribed(modelFile, json) : { modelFile, description: undefined };
}

/** Where the description of a model file stands: `model.json` beside `model.onnx`, `NAME.model.json` beside `NAME.onnx`. */
export function descriptionFileOf(modelFile: string): string {
  const base = basename(modelFile).replace(/\.onnx$/i, '');
  return join(dirname(modelFile), base === 'model' ? 'model.json' : `${base}.model.json`);
}

/** What a user names on a command line: an `.onnx` file, the folder of a package, or the name of a bundled one. */
export async function locateModel(asked: string): Promise<LocatedModel> {
  if (asked.toLowerCase().endsWith('.onnx')) {
    return readModelFile(asked);
  }
  return (await isThere(join(asked, 'model.json')))
    ? readModelPackage(asked)
    : findModelPackage(asked, [BUNDLED_MODELS_DIR]);
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new ConfigError('MODEL_NOT_FOUND', `${file}: cannot be read`, {
      cause,
      details: { file, expected: file, found: cause instanceof Error ? cause.message : String(cause) },
    });
  }
}

/** `undefined` for text that is no JSON, which no schema takes. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { type ModelJson, type ModelPackage, modelPackageSchema } from './model-package.ts';

/** A `model.json` that leaves nothing out that cannot be defaulted; `undefined` when the rest must be worked out from the file. */
export function wholePackage(json: ModelJson | undefined): ModelPackage | undefined {
  const parsed = modelPackageSchema.safeParse(json);
  return parsed.success ? parsed.data : undefined;
}

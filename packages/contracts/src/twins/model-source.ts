import { z } from 'zod';
import { sha256Schema } from '../primitives.ts';
import { relativePathSchema } from './relative-path.ts';

const packageSchema = relativePathSchema('the models volume').describe(
  'Folder of a model package, below the models volume or, if it is not there, among those in the image; or the name of a model in the library.',
);

/** Where a model comes from, and from which scores its finds count. */
export const modelSourceFields = {
  package: packageSchema,
  version: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('When given, the model must have this version. Without it the library gives the newest.'),
  url: z
    .url({ protocol: /^https?$/ })
    .max(4096)
    .optional()
    .describe(
      'Where the model file is fetched from: a blob with its SAS. Needs `model.sha256`; a model that the library has by that hash is not fetched again. `model.package` is not used then.',
    ),
  descriptionUrl: z
    .url({ protocol: /^https?$/ })
    .max(4096)
    .optional()
    .describe('Where its `model.json` is fetched from. Without it the model is recognised from the file.'),
  sha256: sha256Schema.optional().describe('When given, the model file must have exactly this hash.'),
  scoreThreshold: z.number().min(0).max(1).optional().describe("Overrides the package's score threshold."),
  labelThresholds: z
    .record(z.string(), z.number().min(0).max(1))
    .optional()
    .describe("Overrides the package's score thresholds of single labels."),
} as const;

/** The model that looks at frames. */
export const firstModelSchema = z
  .strictObject({ ...modelSourceFields, package: packageSchema.default('demo-scenes') })
  .refine(hasHash, { path: ['sha256'], message: 'is needed with a url' });

/** The model of a stage: there is no default, it comes from a package or from a URL. */
export const stageModelSchema = z
  .strictObject({ ...modelSourceFields, package: packageSchema.optional() })
  .refine(hasHash, { path: ['sha256'], message: 'is needed with a url' })
  .refine(({ package: folder, url }) => folder !== undefined || url !== undefined, {
    path: ['package'],
    message: 'or url is needed',
  });

function hasHash({
  url,
  sha256,
}: {
  readonly url?: string | undefined;
  readonly sha256?: string | undefined;
}): boolean {
  return url === undefined || sha256 !== undefined;
}

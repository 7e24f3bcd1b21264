import { z } from 'zod';
import { sourceNameSchema } from '../primitives.ts';
import { logLevelSchema } from './log-level.ts';
import { relativePathSchema } from './relative-path.ts';

const folderPathSchema = relativePathSchema('the sources volume').describe('Folder below the sources volume.');

const folderSourceSchema = z
  .strictObject({
    type: z.literal('folder'),
    path: folderPathSchema,
    recursive: z.boolean().default(true).describe('Whether sub-folders are read too.'),
    pollMs: z
      .int()
      .min(50)
      .max(3_600_000)
      .default(500)
      .describe('How often the folder is listed. Listing works on SMB and NFS, where change notifications do not.'),
    settleMs: z
      .int()
      .min(0)
      .max(600_000)
      .default(500)
      .describe('A file is complete when its size and modification time have stayed the same for this long.'),
    afterIngest: z
      .enum(['delete', 'keep'])
      .default('delete')
      .describe('What happens to a file that is safe in the frame store. A kept file is remembered and taken once.'),
  })
  .describe('Takes JPEG, PNG and WebP files as they are completed. Guaranteed: every file reaches an end.');

const loopSourceSchema = z
  .strictObject({
    type: z.literal('loop'),
    path: folderPathSchema,
    framesPerSecond: z.number().positive().max(120).default(5).describe('Pace of the stand-in camera.'),
  })
  .describe('Plays the pictures of a folder over and over, as a live camera would. Live: the newest frame wins.');

export const sourceConfigSchema = z.discriminatedUnion('type', [folderSourceSchema, loopSourceSchema]);
export type SourceConfig = z.infer<typeof sourceConfigSchema>;
export type FolderSourceConfig = z.infer<typeof folderSourceSchema>;
export type LoopSourceConfig = z.infer<typeof loopSourceSchema>;

/** Desired properties of the ingest module. */
export const ingestTwinSchema = z.strictObject({
  logLevel: logLevelSchema.default('info'),
  sources: z
    .record(sourceNameSchema, sourceConfigSchema)
    .default({})
    .describe('The cameras and folders, by name. The name becomes part of every blob name.'),
  limits: z
    .strictObject({
      maxPictureBytes: z
        .int()
        .positive()
        .default(64 * 1024 * 1024)
        .describe('Larger files go to quarantine unread.'),
      maxPicturePixels: z
        .int()
        .positive()
        .default(100_000_000)
        .describe(
          'Pictures with more pixels go to quarantine undecoded: a decoder must never meet a decompression bomb.',
        ),
    })
    .prefault({}),
  store: z
    .strictObject({
      maxBytes: z
        .int()
        .positive()
        .default(2 * 1024 ** 3)
        .describe('Bound of the frame store. When it is reached, guaranteed sources wait and live sources drop.'),
      maxLiveFrames: z
        .int()
        .positive()
        .max(1000)
        .default(8)
        .describe('Frames of one live source that may wait. The oldest goes when a newer one comes.'),
    })
    .prefault({}),
});
export type IngestTwin = z.infer<typeof ingestTwinSchema>;

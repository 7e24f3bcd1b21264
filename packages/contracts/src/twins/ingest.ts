import { z } from 'zod';
import { sourceNameSchema } from '../primitives.ts';
import { logLevelSchema } from './log-level.ts';

/** Folder below the sources volume. Absolute paths and `..` are refused, so a twin cannot reach the rest of the host. */
const folderPathSchema = z
  .string()
  .min(1)
  .refine(
    (path) => !path.startsWith('/') && !path.split('/').includes('..'),
    'must be a path below the sources volume',
  );

const folderSourceSchema = z.strictObject({
  type: z.literal('folder'),
  path: folderPathSchema,
  recursive: z.boolean().default(true),
  /** How often the folder is listed. Listing works on SMB and NFS, where change notifications do not. */
  pollMs: z.int().min(50).max(3_600_000).default(500),
  /** A file is complete when size and modification time stay the same for this long. */
  settleMs: z.int().min(0).max(600_000).default(500),
  /** What happens to a file that is safe in the frame store. A kept file is remembered and taken once. */
  afterIngest: z.enum(['delete', 'keep']).default('delete'),
});

const loopSourceSchema = z.strictObject({
  type: z.literal('loop'),
  path: folderPathSchema,
  framesPerSecond: z.number().positive().max(120).default(5),
});

export const sourceConfigSchema = z.discriminatedUnion('type', [folderSourceSchema, loopSourceSchema]);
export type SourceConfig = z.infer<typeof sourceConfigSchema>;
export type FolderSourceConfig = z.infer<typeof folderSourceSchema>;
export type LoopSourceConfig = z.infer<typeof loopSourceSchema>;

/** Desired properties of the ingest module. */
export const ingestTwinSchema = z.strictObject({
  logLevel: logLevelSchema.default('info'),
  sources: z.record(sourceNameSchema, sourceConfigSchema).default({}),
  limits: z
    .strictObject({
      /** Larger files and pictures go to quarantine unread: a decoder must never meet a decompression bomb. */
      maxPictureBytes: z
        .int()
        .positive()
        .default(64 * 1024 * 1024),
      maxPicturePixels: z.int().positive().default(100_000_000),
    })
    .prefault({}),
  store: z
    .strictObject({
      /** Bound of the frame store: guaranteed sources wait, live sources drop, when it is reached. */
      maxBytes: z
        .int()
        .positive()
        .default(2 * 1024 ** 3),
      /** Frames of one live source that may wait; the oldest goes when a newer one comes. */
      maxLiveFrames: z.int().positive().max(1000).default(8),
    })
    .prefault({}),
});
export type IngestTwin = z.infer<typeof ingestTwinSchema>;

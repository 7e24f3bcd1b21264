import { z } from 'zod';
import { sourceNameSchema } from '../primitives.ts';

/** How pictures are cut into tiles. */
export const tilesSchema = z
  .strictObject({
    rows: z.int().min(1).max(16).optional().describe('Rows of tiles; with `columns`, in place of `tileSize`.'),
    columns: z.int().min(1).max(16).optional().describe('Tiles in a row.'),
    tileSize: z
      .int()
      .min(32)
      .max(16_384)
      .optional()
      .describe(
        'Longer side of a tile in pixels of the picture; the shape is that of the input of the model. Without this and without `rows`: the size of the input, so that nothing is shrunk.',
      ),
    overlap: z
      .number()
      .min(0)
      .max(0.5)
      .default(0.2)
      .describe(
        'Share of a tile that the next one shows too. What is smaller than the overlap is seen whole by one of them.',
      ),
    wholePicture: z
      .boolean()
      .default(true)
      .describe('Whether the whole picture is looked at too, for what is larger than a tile.'),
  })
  .refine(({ rows, columns }) => (rows === undefined) === (columns === undefined), {
    path: ['columns'],
    message: 'and rows are needed together',
  })
  .refine(({ rows, tileSize }) => rows === undefined || tileSize === undefined, {
    path: ['tileSize'],
    message: 'must not be given with rows and columns',
  });
export type TilesConfig = z.infer<typeof tilesSchema>;

/** Pictures that are looked at in overlapping tiles. */
export const tilingSchema = z
  .record(z.union([z.literal('*'), sourceNameSchema]), tilesSchema)
  .default({})
  .describe(
    'Sources whose pictures are looked at in overlapping tiles, by name, for what is small in large pictures; `*` is for all that are not named. At most 128 tiles: larger ones are cut where there would be more.',
  );
export type TilingConfig = z.infer<typeof tilingSchema>;

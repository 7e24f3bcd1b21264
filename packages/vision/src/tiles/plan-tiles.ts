import type { Box } from '@edgeveil/contracts';
import type { Size } from '../boxes.ts';

/** How a picture is cut into tiles. */
export interface TilePlan {
  /** Rows and columns; or else `tileSize`. */
  readonly rows?: number | undefined;
  readonly columns?: number | undefined;
  /** Longer side of a tile in pixels of the picture; the size of the model's input when neither is given. */
  readonly tileSize?: number | undefined;
  /** Share of a tile that the next one covers too; up to half. */
  readonly overlap: number;
}

/** Most tiles of a picture: larger ones are cut where there would be more. */
export const MAX_TILES = 128;

/**
 * Tiles that cover a picture, row by row, each of the same size, none reaching beyond the picture. Neighbours overlap by the
 * planned share at least; what is over is spread evenly. Positions and sizes are not rounded. A picture that is no larger than one tile gets
 * one tile, which is the picture.
 */
export function planTiles(picture: Size, plan: TilePlan, input: Size): Box[] {
  let tile = tileSize(picture, plan, input);
  let rows = count(picture.height, tile.height, plan.overlap);
  let columns = count(picture.width, tile.width, plan.overlap);
  while (rows * columns > MAX_TILES) {
    tile = { width: tile.width * 1.1, height: tile.height * 1.1 };
    rows = count(picture.height, tile.height, plan.overlap);
    columns = count(picture.width, tile.width, plan.overlap);
  }
  const width = Math.min(tile.width, picture.width);
  const height = Math.min(tile.height, picture.height);
  return starts(picture.height, height, rows).flatMap((y) =>
    starts(picture.width, width, columns).map((x): Box => [x, y, width, height]),
  );
}

function tileSize(picture: Size, { rows, columns, tileSize: longer, overlap }: TilePlan, input: Size): Size {
  if (rows !== undefined && columns !== undefined) {
    // So many tiles, each but the last giving way by the overlap, are as long as the picture.
    const share = (tiles: number): number => 1 / (tiles - (tiles - 1) * overlap);
    return { width: picture.width * share(columns), height: picture.height * share(rows) };
  }
  const scale = longer === undefined ? 1 : longer / Math.max(input.width, input.height);
  return { width: input.width * scale, height: input.height * scale };
}

/** Tiles of a length that cover a side when neighbours overlap by a share. */
function count(side: number, length: number, overlap: number): number {
  // A hair of tolerance, so that rounding does not make of rows that fit exactly one more.
  return side <= length ? 1 : Math.ceil((side - length) / (length * (1 - overlap)) - 1e-6) + 1;
}

function starts(side: number, length: number, tiles: number): number[] {
  return Array.from({ length: tiles }, (_, index) => (tiles === 1 ? 0 : ((side - length) * index) / (tiles - 1)));
}

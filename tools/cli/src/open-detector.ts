import { resolve } from 'node:path';
import { type TilesConfig, tilesSchema } from '@edgeveil/contracts';
import { type Cascade, type ChainedModel, chainModels } from '@edgeveil/inference';
import type { CliContext } from './cli-context.ts';
import { UsageError } from './usage-error.ts';

/** What the command line says of the models that look at pictures. */
export interface DetectorArguments {
  readonly model?: string;
  readonly then?: readonly string[];
  readonly tiles?: string;
}

/**
 * Opens the model named on the command line, or the bundled one, and those that look at crops of what it finds.
 *
 * @throws ConfigError when one is missing, does not load, or its outputs are not recognised; UsageError for tiles that are none
 */
export async function openDetector(
  { model, then = [], tiles }: DetectorArguments,
  context: CliContext,
): Promise<Cascade> {
  const chained = then.map((text) => parseThen(text, context));
  const cut = tiles === undefined ? {} : { tiles: parseTiles(tiles) };
  if (model === undefined) {
    context.errors.write(
      'note: using the bundled model, which knows the drawn demo scenes only; bring your own with --model\n',
    );
    return chainModels({ model: 'demo-scenes', chained, ...cut });
  }
  return chainModels({ model: resolve(context.workingDir, model), chained, ...cut });
}

/** `MODEL` or `MODEL:label,label`. A colon before a slash is part of the path. */
function parseThen(text: string, { workingDir }: CliContext): ChainedModel {
  const [, model = text, labels] = /^(.+):([^:/\\]+)$/.exec(text) ?? [];
  const names = labels?.split(',').map((label) => label.trim());
  return { model: resolve(workingDir, model), ...(names && { labels: names }) };
}

/** `2x3` for rows and columns, `640` for the longer side of a tile in pixels, `auto` for tiles of the size of the model's input. */
function parseTiles(text: string): TilesConfig {
  const [, rows, columns] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  const parsed = tilesSchema.safeParse(
    text === 'auto'
      ? {}
      : rows === undefined
        ? { tileSize: Number(text) }
        : { rows: Number(rows), columns: Number(columns) },
  );
  if (!parsed.success) {
    throw new UsageError(`--tiles: ${text} is neither ROWSxCOLUMNS, nor the side of a tile in pixels, nor auto`);
  }
  return parsed.data;
}

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Detection } from '@edgeveil/contracts';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { drawDetections } from '../draw-detections.ts';
import { findPictures, forEachPicture } from '../for-each-picture.ts';
import { openDetector } from '../open-detector.ts';

export interface DetectOptions {
  readonly model: string;
  readonly json?: boolean;
  readonly draw?: string;
}

/** Runs a model on pictures and writes what it finds; 1 when a picture failed. */
export async function detectPictures(
  images: readonly string[],
  options: DetectOptions,
  context: CliContext,
): Promise<ExitCode> {
  const files = await findPictures(images);
  await using detector = await openDetector(options.model, context);
  const { done } = await forEachPicture(files, context, async ({ path, name }) => {
    const bytes = await readFile(path);
    const [detections = []] = await detector.detect([{ bytes }]);
    context.output.write(options.json ? jsonLine(path, detections) : textLines(path, detections));
    if (options.draw === undefined) return;
    const target = join(options.draw, name.replace(/\.[^./]+$/, '.jpg'));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, await drawDetections(bytes, detections));
  });
  return done === files.length ? 0 : 1;
}

function jsonLine(file: string, detections: readonly Detection[]): string {
  return `${JSON.stringify({ file, detections })}\n`;
}

function textLines(file: string, detections: readonly Detection[]): string {
  const lines = detections.map(
    ({ label, score, box }) => `  ${label.padEnd(12)} ${score.toFixed(2)}  ${box.map(Math.round).join(', ')}`,
  );
  return `${file}: ${detections.length} found\n${lines.map((line) => `${line}\n`).join('')}`;
}

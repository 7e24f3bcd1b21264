import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CascadeDetection } from '@edgeveil/contracts';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { drawDetections } from '../draw-detections.ts';
import { findPictures, forEachPicture } from '../for-each-picture.ts';
import { type DetectorArguments, openDetector } from '../open-detector.ts';

export interface DetectOptions extends DetectorArguments {
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
  await using detector = await openDetector(options, context);
  const { done } = await forEachPicture(files, context, async ({ path, name }) => {
    const bytes = await readFile(path);
    const {
      detections: [detections = []],
    } = await detector.detect([{ bytes }]);
    context.output.write(options.json ? jsonLine(path, detections) : textLines(path, detections));
    if (options.draw === undefined) return;
    const target = join(options.draw, name.replace(/\.[^./]+$/, '.jpg'));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, await drawDetections(bytes, detections));
  });
  return done === files.length ? 0 : 1;
}

function jsonLine(file: string, detections: readonly CascadeDetection[]): string {
  return `${JSON.stringify({ file, detections })}\n`;
}

function textLines(file: string, detections: readonly CascadeDetection[]): string {
  const lines = detections.map(
    ({ label, score, box, attributes = [], embeddings = [] }) =>
      `  ${label.padEnd(12)} ${score.toFixed(2)}  ${box.map(Math.round).join(', ')}` +
      attributes.map((each) => `  ${each.stage}: ${each.label} ${each.score.toFixed(2)}`).join('') +
      embeddings.map((each) => `  ${each.stage}: ${Buffer.from(each.values, 'base64').length / 4} features`).join(''),
  );
  return `${file}: ${detections.length} found\n${lines.map((line) => `${line}\n`).join('')}`;
}

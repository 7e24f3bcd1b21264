import { JsonSourceError, type ParsedSource, parseJsonSource, plainValue } from '../manifest/build/json-source.ts';
import { expandDocument } from '../manifest/expand-variables.ts';
import { isJsonObject } from '../twins/json-object.ts';
import { checkCreateOptions } from './check-create-options.ts';
import { checkHub } from './check-hub.ts';
import { checkImages } from './check-images.ts';
import { checkRoutes } from './check-routes.ts';
import { checkShape } from './check-shape.ts';
import { checkTwins } from './check-twins.ts';
import { checkVariables } from './check-variables.ts';
import { checks, type Finding, type Remark } from './finding.ts';
import type { Check } from './lint-context.ts';
import { lineColumn, offsetInString } from './locate.ts';
import { readContext } from './read-context.ts';
import { sourceAt } from './source-at.ts';

export interface LintOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Where `modules/` lies; without it images are not looked at. */
  readonly repoDir?: string;
}

const allChecks: readonly Check[] = [
  checkShape,
  checkCreateOptions,
  checkImages,
  checkTwins,
  checkHub,
  checkRoutes,
  checkVariables,
];

/**
 * Looks for mistakes in a deployment manifest, template or layer: what a device refuses, and what it takes without meaning what its
 * author means. Never throws for anything in the text. @returns findings in the order of the file
 */
export async function lintDeployment(text: string, options: LintOptions = {}): Promise<readonly Finding[]> {
  const environment = options.environment ?? {};
  let parsed: ParsedSource;
  try {
    parsed = parseJsonSource(text);
  } catch (error) {
    if (!(error instanceof JsonSourceError)) throw error;
    return [
      toFinding(
        text,
        { message: error.message, remedy: 'Correct the JSON.', path: '', code: 'json-invalid' },
        error.offset,
      ),
    ];
  }
  const findings: Finding[] = parsed.repeated.map(({ pointer, offset }) => {
    const message = `the name '${pointer.slice(pointer.lastIndexOf('/') + 1)}' stands twice; the last one counts`;
    return toFinding(text, { code: 'json-key-repeated', message, remedy: 'Remove one.', path: pointer }, offset);
  });
  for await (const remark of remarksOf(parsed, environment, options.repoDir)) {
    findings.push(locate(text, parsed, remark));
  }
  return findings.sort((a, b) => a.line - b.line || a.column - b.column);
}

async function* remarksOf(
  { value: source }: ParsedSource,
  environment: Readonly<Record<string, string | undefined>>,
  repoDir: string | undefined,
): AsyncGenerator<Remark> {
  const document = expandDocument(plainValue(source), environment);
  const isObject = isJsonObject(document) && source instanceof Map;
  const context = isObject ? readContext(document, source, { environment, repoDir }) : undefined;
  if (context === undefined) {
    const message = isObject ? 'modulesContent is missing' : 'the file is not a JSON object';
    yield { code: 'schema', message, remedy: 'Write {"modulesContent": {"$edgeAgent": …, "$edgeHub": …}}.', path: '' };
    return;
  }
  for (const check of allChecks) yield* check(context);
}

function locate(text: string, { value, places }: ParsedSource, remark: Remark): Finding {
  const place = placeOf(places, remark.path);
  const written = value instanceof Map ? sourceAt(value, remark.path) : undefined;
  if (remark.span === undefined || typeof written !== 'string') {
    return toFinding(text, remark, (remark.atKey ? place?.key : undefined) ?? place?.value ?? 0);
  }
  const { start, end } = remark.span;
  const finding = toFinding(text, remark, offsetInString(text, place?.value ?? 0, start));
  return { ...finding, excerpt: { text: written, start, end } };
}

// What is missing has no place of its own: then that of the nearest that is there.
function placeOf(places: ParsedSource['places'], path: string) {
  for (let pointer = path; pointer !== ''; pointer = pointer.slice(0, pointer.lastIndexOf('/'))) {
    const place = places.get(pointer);
    if (place !== undefined) return place;
  }
  return places.get('');
}

function toFinding(text: string, { code, message, remedy, path }: Remark, offset: number): Finding {
  return { code, severity: checks[code], message, remedy, path, ...lineColumn(text, offset) };
}

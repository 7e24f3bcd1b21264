import { createHash } from 'node:crypto';

const LAST_TIME_MS = 36 ** 9 - 1;
const LIVE_TAG_LENGTH = 8;

/**
 * Id of a frame that always comes out the same for the same file, so that one that is taken in twice (a crash between
 * put and delete) is seen to be there already. The file's time makes ids sort by capture; the hash keeps two files of one
 * instant, and two contents of one name, apart.
 */
export function fileFrameId(file: {
  readonly source: string;
  readonly path: string;
  readonly mtimeMs: number;
  readonly contentSha256: string;
}): string {
  return `${time36(file.mtimeMs)}-${hash(file.source, file.path, file.contentSha256).slice(0, 24)}`;
}

/**
 * Id of a frame of a live source. The first digits of its hash are the source's own, so that after a restart the frames
 * that one source left behind are found by their names.
 */
export function liveFrameId(frame: {
  readonly source: string;
  readonly capturedAtMs: number;
  readonly counter: number;
  readonly contentSha256: string;
}): string {
  const own = hash(frame.source, String(frame.counter), frame.contentSha256).slice(0, 24 - LIVE_TAG_LENGTH);
  return `${time36(frame.capturedAtMs)}-${liveTag(frame.source)}${own}`;
}

/** Whether an id was made by `liveFrameId` for this source; wrong once in four thousand million for one of another's. */
export function isLiveFrameOf(id: string, source: string): boolean {
  return id.startsWith(liveTag(source), 10);
}

function liveTag(source: string): string {
  return hash('live', source).slice(0, LIVE_TAG_LENGTH);
}

function time36(ms: number): string {
  // Files may carry any time: before 1970 and beyond the year 5000 included.
  const time = Math.min(Math.max(Math.floor(ms), 0), LAST_TIME_MS);
  return time.toString(36).padStart(9, '0');
}

function hash(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}

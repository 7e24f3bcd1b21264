import { join } from 'node:path';
import { ConfigError, RejectedError } from '@edgeveil/contracts';
import { filterLog, type LogFilter } from '../agent/logs/filter-log.ts';
import { ModuleLog } from '../agent/logs/module-log.ts';
import { parseLogTime } from '../agent/logs/parse-log-time.ts';
import type { LogLine } from '../events.ts';
import type { LocalEdge } from '../local-edge.ts';
import type { ControlLogLine, LogQuery } from './control-api.ts';
import { deployedModules } from './edge-status.ts';
import { LineStream } from './line-stream.ts';

/** The runtime's own lines, and the name of the file that keeps them. */
const runtime = { module: '$edgeHub', file: 'edge-runtime' } as const;

/**
 * The kept lines of some modules in the order of their time, and those to come where asked for; nothing is missed or told twice in between.
 * @throws RejectedError EDGE_LOG_QUERY_INVALID for a time that is none, ConfigError EDGE_MODULE_UNKNOWN
 */
export async function streamLogs(edge: LocalEdge, stateDir: string, query: LogQuery): Promise<LineStream> {
  const known = [...deployedModules(edge), runtime.module];
  const unknown = query.modules?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ConfigError('EDGE_MODULE_UNKNOWN', `no module '${unknown}'; there are ${known.join(', ')}`);
  }
  const filter = filterOf(query);
  const wanted = new Set(query.modules ?? known);
  const lines = new LineStream();

  let isLive = false;
  const waiting: LogLine[] = [];
  const listener = (line: LogLine) => {
    // A module may come with a later deployment.
    if (query.modules !== undefined && !wanted.has(line.module)) return;
    if (filter.until !== undefined && line.at > filter.until) return;
    if (isLive) lines.write(toJson(line));
    else waiting.push(line);
  };
  if (query.isFollowing) {
    edge.events.on('log', listener);
    lines.readable.once('close', () => edge.events.off('log', listener));
  }
  try {
    const kept = await Promise.all([...wanted].map((module) => keptLines(edge, stateDir, module, filter)));
    const history = kept.flat().sort((a, b) => a.at.getTime() - b.at.getTime());
    lines.writeAll(history.map(toJson));
    if (!query.isFollowing) {
      lines.end();
      return lines;
    }
    for (const line of withoutOverlap(history, waiting)) lines.write(toJson(line));
    isLive = true;
    return lines;
  } catch (error) {
    edge.events.off('log', listener);
    throw error;
  }
}

function filterOf({ tail, since, until }: LogQuery): LogFilter {
  const time = (name: string, value: string | undefined): Date | undefined => {
    if (value === undefined) return undefined;
    const parsed = parseLogTime(value, new Date());
    if (parsed === undefined) {
      const message = `${name} '${value}' is neither a time nor an age such as 10m, 2h or 1d`;
      throw new RejectedError('EDGE_LOG_QUERY_INVALID', message);
    }
    return parsed;
  };
  return { tail, since: time('since', since), until: time('until', until) };
}

async function keptLines(edge: LocalEdge, stateDir: string, module: string, filter: LogFilter): Promise<LogLine[]> {
  if (module !== runtime.module) return edge.moduleLogs(module, filter);
  const records = await new ModuleLog(join(stateDir, 'logs'), runtime.file).read();
  return filterLog(records, filter).map((record) => ({ module, ...record }));
}

/** What came while the files were read may be in them already: those lines stand at the start of `live`. */
function withoutOverlap(history: readonly LogLine[], live: readonly LogLine[]): readonly LogLine[] {
  const key = ({ module, at, text }: LogLine) => `${module} ${at.getTime()} ${text}`;
  const first = live[0]?.at.getTime() ?? 0;
  const counts = new Map<string, number>();
  for (const line of history) {
    if (line.at.getTime() >= first) counts.set(key(line), (counts.get(key(line)) ?? 0) + 1);
  }
  return live.filter((line) => {
    const count = counts.get(key(line)) ?? 0;
    if (count > 0) counts.set(key(line), count - 1);
    return count === 0;
  });
}

function toJson({ module, stream, text, at }: LogLine): ControlLogLine {
  return { module, time: at.toISOString(), stream, text };
}

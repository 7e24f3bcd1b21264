import type { ControlModule, EdgeStatus } from '@edgeveil/local-edge/control';
import type { CliContext } from '../cli-context.ts';
import { describeAge } from '../terminal/describe-age.ts';
import { type Colour, type Paint, paintFor } from '../terminal/paint.ts';
import { plainText } from '../terminal/plain-text.ts';
import { renderTable } from '../terminal/render-table.ts';

const COLOURS: Readonly<Record<string, Colour>> = {
  running: 'green',
  stopped: 'dim',
  failed: 'red',
  unhealthy: 'red',
  backoff: 'yellow',
};

/** What `edgeveil status` shows: a line on the edge, its modules, its queues. */
export function renderStatus(
  status: EdgeStatus,
  context: Pick<CliContext, 'isTerminal' | 'environment'>,
  now: number,
): string {
  const paint = paintFor(context);
  const { deviceId, address, pid, startedAt, upstream, stateDir } = status;
  const cloud = status.isOffline ? paint('yellow', 'offline') : paint('green', 'online');
  return [
    `${paint('bold', plainText(deviceId))} at ${address}:8883, ${cloud}, up ${describeAge(now - Date.parse(startedAt))}, pid ${pid}\n`,
    `${paint('dim', stateDir)}\n`,
    '\n',
    renderModules(status, paint, now),
    '\n',
    renderQueues(status, paint),
    `${paint('cyan', '$upstream')}: ${upstream.total} messages arrived, ${upstream.count} kept\n`,
  ].join('');
}

function renderModules({ modules, clients, deviceId }: EdgeStatus, paint: Paint, now: number): string {
  const connected = new Set(clients);
  const names = new Set(modules.map(({ module }) => `${deviceId}/${module}`));
  // Code run by hand, under a name that the deployment does not have.
  const others = clients.filter((client) => !names.has(client));
  const rows = [
    ...modules.map((module) => [
      plainText(module.module),
      paint(COLOURS[module.status] ?? 'dim', describe(module)),
      String(module.pid ?? ''),
      String(module.restartCount),
      module.status === 'running' && module.lastStartTime !== undefined
        ? describeAge(now - Date.parse(module.lastStartTime))
        : '',
      connected.has(`${deviceId}/${module.module}`) ? paint('green', 'yes') : paint('dim', 'no'),
    ]),
    ...others.map((client) => [plainText(client), paint('dim', 'by hand'), '', '', '', paint('green', 'yes')]),
  ];
  if (rows.length === 0) return 'no modules\n';
  return renderTable(
    [
      { title: 'module' },
      { title: 'status' },
      { title: 'pid', align: 'right' },
      { title: 'restarts', align: 'right' },
      { title: 'uptime', align: 'right' },
      { title: 'connected' },
    ],
    rows,
    (title) => paint('cyan', title),
  );
}

function describe({ status, description }: ControlModule): string {
  if (status === 'not started' || status === 'unknown') return 'not started';
  return description === '' || description === status ? status : `${status}: ${plainText(description)}`;
}

function renderQueues({ queues }: EdgeStatus, paint: Paint): string {
  const waiting = queues.filter(({ messages }) => messages > 0);
  if (waiting.length === 0) return `${paint('cyan', 'queues')}: empty\n`;
  return renderTable(
    [
      { title: 'queue' },
      { title: 'priority', align: 'right' },
      { title: 'messages', align: 'right' },
      { title: 'bytes', align: 'right' },
    ],
    waiting.map(({ endpoint, priority, messages, bytes }) => [
      plainText(endpoint),
      priority > 9 ? '-' : String(priority),
      paint('yellow', String(messages)),
      String(bytes),
    ]),
    (title) => paint('cyan', title),
  );
}

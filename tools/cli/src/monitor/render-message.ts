import type { MonitoredMessage } from '@edgeveil/local-edge/control';
import type { CliContext } from '../cli-context.ts';
import { type Paint, paintFor } from '../terminal/paint.ts';
import { plainText } from '../terminal/plain-text.ts';
import { shortened, textWidth } from '../terminal/text-width.ts';

// On a narrow terminal a message takes two lines rather than losing its body.
const minBodyColumns = 24;

/** A message as one line: time, sender, routes and receivers, properties, body; the body cut to what a terminal is wide. */
export function renderMessage(
  message: MonitoredMessage,
  context: Pick<CliContext, 'isTerminal' | 'environment' | 'columns'>,
): string {
  const paint = paintFor(context);
  const head = [
    paint('dim', clockOf(message.time)),
    paint('cyan', senderOf(message)),
    receiversOf(message, paint),
    ...propertiesOf(message, paint),
  ].join(' ');
  const body = plainText(bodyOf(message));
  if (!context.isTerminal || context.columns === undefined) return `${head} ${body}\n`;
  const used = textWidth(head) + 1;
  return `${head} ${shortened(body, Math.max(minBodyColumns, context.columns - used))}\n`;
}

/** The time of day here. */
function clockOf(time: string): string {
  const at = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const milliseconds = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${milliseconds}`;
}

function senderOf({ source, module, output }: MonitoredMessage): string {
  if (source === '/twinChangeNotifications') return plainText(`${module ?? ''} (twin)`);
  if (module === undefined) return plainText(source);
  return plainText(output === undefined ? module : `${module}/${output}`);
}

function receiversOf({ to, systemProperties }: MonitoredMessage, paint: Paint): string {
  if (to.length === 0) return paint('yellow', '→ no route');
  return to
    .map(({ endpoint, routes }) => {
      // A message that was put into an input by hand took no route.
      const name =
        routes.length > 0 ? routes.join('+') : systemProperties.connectionModuleId === '$edgeHub' ? 'sent' : '';
      return `${paint('dim', `─${plainText(name)}→`)} ${paint('green', plainText(endpoint))}`;
    })
    .join(' ');
}

function propertiesOf({ properties }: MonitoredMessage, paint: Paint): string[] {
  return Object.entries(properties).map(([name, value]) => `${paint('magenta', plainText(name))}=${plainText(value)}`);
}

function bodyOf({ body, bodyEncoding, bytes }: MonitoredMessage): string {
  switch (bodyEncoding) {
    case 'json':
      return JSON.stringify(body);
    case 'text':
      return String(body);
    case 'base64':
      return `(${bytes} bytes)`;
  }
}

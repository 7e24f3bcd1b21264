import { type EndpointItems, type EndpointName, InternalError } from '@edgeveil/contracts';
import type { Counter } from 'prom-client';
import type { InputMessage } from '../hub/hub-client.ts';
import type { Log, LogData } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { InputHandler, RunningModule } from '../running-module.ts';
import { Inbox } from './inbox.ts';
import { parseInput } from './parse-input.ts';
import type { RefusedMessages } from './refused-messages.ts';

type Inboxes = { [Name in EndpointName]?: Inbox<EndpointItems[Name]> };

/** Messages may come before the module has started and said how many items it takes. */
const CAPACITY_BEFORE_START = 1000;
const WARN_INTERVAL_MS = 60_000;

export interface InputRouterOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly refused: RefusedMessages;
  readonly crash: (error: unknown) => void;
}

/** Brings the items of messages to the handlers of their inputs. */
export class InputRouter {
  readonly #options: InputRouterOptions;
  readonly #inboxes: Inboxes = {};
  readonly #warnedMs = new Map<string, number>();
  #handled: ReadonlySet<string> | undefined;
  readonly #messages: Counter<'input'>;
  readonly #refusals: Counter<'input' | 'reason'>;
  readonly #dropped: Counter<'queue'>;

  constructor(options: InputRouterOptions) {
    this.#options = options;
    const { metrics } = options;
    this.#messages = metrics.counter({
      name: 'messages_received_total',
      help: 'Messages taken',
      labelNames: ['input'],
    });
    this.#refusals = metrics.counter({
      name: 'messages_refused_total',
      help: 'Messages that could not be read',
      labelNames: ['input', 'reason'],
    });
    this.#dropped = metrics.counter({
      name: 'hints_dropped_total',
      help: 'Items dropped from a full queue; a sweep finds them again',
      labelNames: ['queue'],
    });
  }

  /** Waiting items of each input. */
  sizes(): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.entries(this.#inboxes).map(([name, inbox]) => [name, inbox.size]));
  }

  /** Takes a message from the hub; never throws. */
  take(message: InputMessage): void {
    const parsed = parseInput(message);
    if (parsed.kind === 'refused') {
      this.#refuse(message, parsed.reason, parsed.details);
    } else if (this.#handled !== undefined && !this.#handled.has(parsed.input)) {
      this.#refuse(message, 'no_handler', {});
    } else {
      this.#messages.inc({ input: parsed.input });
      this.#push(parsed.input, parsed.items);
    }
  }

  /** Feeds the handlers until the signal aborts; resolves when the last call has ended. */
  async serve<Twin>(inputs: NonNullable<RunningModule<Twin>['inputs']>, signal: AbortSignal): Promise<void> {
    this.#handled = new Set(Object.keys(inputs));
    const names = Object.keys(inputs).filter(
      (name): name is EndpointName => inputs[name as EndpointName] !== undefined,
    );
    await Promise.all(names.map((name) => this.#feed(name, inputs, signal)));
  }

  async #feed<Name extends EndpointName>(
    name: Name,
    inputs: { readonly [Key in Name]?: InputHandler<EndpointItems[Key]> },
    signal: AbortSignal,
  ): Promise<void> {
    const handler = inputs[name];
    if (handler === undefined) return;
    const inbox = this.#inbox(name);
    inbox.setCapacity(handler.capacity);
    for (let items = await inbox.takeAll(signal); items !== undefined; items = await inbox.takeAll(signal)) {
      try {
        await handler.handle(items, signal);
      } catch (error) {
        if (error instanceof InternalError) {
          this.#options.crash(error);
          return;
        }
        if (!signal.aborted) this.#options.log.warn('input not handled', { input: name, items: items.length, error });
      }
    }
  }

  #push<Name extends EndpointName>(name: Name, items: readonly EndpointItems[Name][]): void {
    this.#inbox(name).push(items);
  }

  #inbox<Name extends EndpointName>(name: Name): Inbox<EndpointItems[Name]> {
    const inboxes: { [Key in Name]?: Inbox<EndpointItems[Key]> } = this.#inboxes;
    const known = inboxes[name];
    if (known !== undefined) return known;
    const inbox = new Inbox<EndpointItems[Name]>(CAPACITY_BEFORE_START, (count) =>
      this.#dropped.inc({ queue: `input:${name}` }, count),
    );
    inboxes[name] = inbox;
    return inbox;
  }

  #refuse(message: InputMessage, reason: string, details: unknown): void {
    // A name from outside must not make label values without end.
    const input = reason === 'unknown_input' ? 'unknown' : message.input;
    this.#refusals.inc({ input, reason });
    this.#warn(`${input} ${reason}`, { input: message.input, reason, details });
    this.#options.refused.add(message, reason, details);
  }

  /** A sender that goes wrong does so with every message: one line a minute is enough, the metric has the number. */
  #warn(kind: string, data: LogData): void {
    const now = performance.now();
    if (now - (this.#warnedMs.get(kind) ?? Number.NEGATIVE_INFINITY) < WARN_INTERVAL_MS) return;
    this.#warnedMs.set(kind, now);
    this.#options.log.warn('message refused', data);
  }
}

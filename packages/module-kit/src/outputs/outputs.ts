import type { EndpointItems, EndpointName } from '@edgeveil/contracts';
import type { HubLink } from '../hub/hub-link.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { BatchingOutput } from './batching-output.ts';

export interface OutputsOptions {
  readonly link: Pick<HubLink, 'use'>;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The outputs of a module, each made when it is first asked for. */
export class Outputs {
  readonly #options: OutputsOptions;
  readonly #outputs: { [Name in EndpointName]?: BatchingOutput<EndpointItems[Name]> } = {};

  constructor(options: OutputsOptions) {
    this.#options = options;
  }

  get<Name extends EndpointName>(name: Name): BatchingOutput<EndpointItems[Name]> {
    const outputs: { [Key in Name]?: BatchingOutput<EndpointItems[Key]> } = this.#outputs;
    const known = outputs[name];
    if (known !== undefined) return known;
    const output = this.#open<Name>(name);
    outputs[name] = output;
    return output;
  }

  /** Waiting items of each output. */
  sizes(): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.entries(this.#outputs).map(([name, output]) => [name, output.waiting]));
  }

  /** Sends what waits until the signal aborts. */
  async close(signal: AbortSignal): Promise<void> {
    await Promise.all(Object.values(this.#outputs).map((output) => output.close(signal)));
  }

  #open<Name extends EndpointName>(name: Name): BatchingOutput<EndpointItems[Name]> {
    const { link, log, metrics } = this.#options;
    const messages = metrics.counter({
      name: 'messages_sent_total',
      help: 'Messages acknowledged',
      labelNames: ['output'],
    });
    const items = metrics.counter({ name: 'items_sent_total', help: 'Items acknowledged', labelNames: ['output'] });
    const dropped = metrics.counter({
      name: 'hints_dropped_total',
      help: 'Items dropped from a full queue; a sweep finds them again',
      labelNames: ['queue'],
    });
    return new BatchingOutput({
      name,
      link,
      log,
      onSent: (count) => {
        messages.inc({ output: name });
        items.inc({ output: name }, count);
      },
      onDropped: () => dropped.inc({ queue: `output:${name}` }),
    });
  }
}

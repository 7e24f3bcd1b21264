import type { EdgeEmitter } from '../events.ts';
import { parseHubConfig } from '../manifest/hub-config.ts';
import type { Route } from '../routing/route.ts';
import type { JsonObject } from '../twins/json-object.ts';
import { compileRoutes } from './compile-routes.ts';

/** How the last desired properties of `$edgeHub` were taken, in edgeHub's own codes and words. */
export interface DesiredStatus {
  readonly code: 200 | 400;
  readonly description: string;
}

export interface LiveConfigOptions {
  readonly deviceId: string;
  readonly setRoutes: (routes: readonly Route[], timeToLiveSecs: number) => void;
  readonly events: EdgeEmitter;
}

/**
 * Follows the desired properties of `$edgeHub`: routes and the global time to live change while the hub runs. What does not parse or compile is
 * refused whole and the old set stays (TwinConfigSource.cs). edgeHub reports 200 for routes that parse but do not compile and then refuses them in
 * silence; here both are 400, with the text.
 */
export class LiveConfig {
  readonly #options: LiveConfigOptions;
  #status: DesiredStatus = { code: 200, description: '' };

  constructor(options: LiveConfigOptions) {
    this.#options = options;
  }

  get status(): DesiredStatus {
    return this.#status;
  }

  /** Takes the whole desired half. @returns whether it was good */
  update(desired: JsonObject): boolean {
    const { deviceId, setRoutes, events } = this.#options;
    try {
      const { routes: specs, timeToLiveSecs } = parseHubConfig(desired);
      const routes = compileRoutes(specs, deviceId);
      setRoutes(routes, timeToLiveSecs);
      this.#status = { code: 200, description: '' };
      warnOfIgnoredText(routes, events);
      return true;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.#status = { code: 400, description: `Error while parsing desired properties - ${problem}` };
      events.emit('warning', { message: 'desired properties of $edgeHub refused, the old stay', details: { problem } });
      return false;
    }
  }
}

function warnOfIgnoredText(routes: readonly Route[], events: EdgeEmitter): void {
  for (const { name, ignoredText } of routes) {
    if (ignoredText === '') continue;
    const details = { route: name, text: ignoredText };
    events.emit('warning', { message: 'text after the sink of a route is ignored', details });
  }
}

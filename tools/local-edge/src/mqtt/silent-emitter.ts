type Done = (() => void) | undefined;

/**
 * Takes the place of aedes's message bus. Clients of edgeHub never hear each other directly: every packet that goes out is the hub's own, so there
 * is nothing to match against subscriptions.
 */
export class SilentEmitter {
  readonly current = 0;

  on(_topic: string, _listener: unknown, done?: Done): this {
    done?.();
    return this;
  }

  removeListener(_topic: string, _listener: unknown, done?: Done): this {
    done?.();
    return this;
  }

  emit(_packet: unknown, done?: Done): this {
    done?.();
    return this;
  }

  close(done?: Done): void {
    done?.();
  }
}

import { Aedes, type Client } from 'aedes';

type Done = (error?: Error) => void;

/**
 * aedes without its distribution of messages. What a client publishes is the hub's alone, and has been handled when `authorizePublish` says yes:
 * there is nothing left to retain, to queue or to match, and no heartbeat that anybody listens for.
 */
export class EdgeBroker extends Aedes {
  override publish(_packet: unknown, clientOrDone?: Client | null | Done, done?: Done): void {
    const finish = typeof clientOrDone === 'function' ? clientOrDone : done;
    finish?.();
  }
}

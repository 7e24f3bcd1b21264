import { ConfigError } from '@edgeveil/contracts';
import { BlobDestination, type DestinationConfig } from './blob-destination.ts';
import type { Destination } from './destination.ts';
import { openStorageAccount } from './storage-account.ts';

export interface OpenDestinationOptions {
  /** A secret. */
  readonly connectionString: string | undefined;
  readonly deviceId: string;
  readonly config: DestinationConfig;
}

/** A destination whose configuration follows the twin. */
export interface ConfigurableDestination extends Destination {
  /** Deliveries that begin from now on go by this. */
  apply(config: DestinationConfig): void;
}

/**
 * The destination that the environment and the twin name. Without usable credentials it is one that always says so: evidence still goes
 * to the spool, and the lack is seen where every other trouble with the destination is seen.
 */
export function openDestination({
  connectionString,
  deviceId,
  config,
}: OpenDestinationOptions): ConfigurableDestination {
  try {
    return new BlobDestination({ account: openStorageAccount(connectionString), deviceId, config });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const refuse = (): Promise<never> => Promise.reject(error);
    return { check: refuse, deliver: refuse, apply: () => {} };
  }
}

import { ConfigError } from '@edgeveil/contracts/errors';

/** The command line asks for something that cannot be: exit code 2. */
export class UsageError extends ConfigError {
  constructor(message: string) {
    super('CLI_USAGE', message);
  }
}

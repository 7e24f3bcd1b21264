import { ConfigError } from '@edgeveil/contracts';
import { z } from 'zod';

/**
 * What a module takes from its environment, by a schema of its variables.
 *
 * @throws ConfigError `ENVIRONMENT_INVALID` naming each variable; never with its value, which may be a secret
 */
export function parseEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
): z.infer<Schema> {
  const parsed = z.safeParse(schema, environment);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new ConfigError('ENVIRONMENT_INVALID', problems.join('; '), { details: { problems } });
}

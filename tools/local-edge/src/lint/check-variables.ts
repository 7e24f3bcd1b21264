import { pointerStep, type SourceValue } from '../manifest/build/json-source.ts';
import { unsetVariables } from '../manifest/build/variables.ts';
import type { Remark } from './finding.ts';
import type { LintContext } from './lint-context.ts';

/** Variables that nothing sets: the text would go to the device as it stands. */
export function* checkVariables({ source, environment }: LintContext): Generator<Remark> {
  yield* walk(source, '', environment);
}

function* walk(value: SourceValue, path: string, environment: LintContext['environment']): Generator<Remark> {
  if (typeof value === 'string') {
    for (const name of unsetVariables(value, environment)) {
      yield {
        code: 'unset-variable',
        message: `$${name} is not set and stays as it is`,
        remedy: 'Set it in the environment or in the .env file.',
        path,
      };
    }
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* walk(item, `${path}${pointerStep(index)}`, environment);
  } else if (value instanceof Map) {
    for (const [key, item] of value) yield* walk(item, `${path}${pointerStep(key)}`, environment);
  }
}

import type { AnalysedRoute } from './analyse-routes.ts';
import type { Remark } from './finding.ts';
import type { LintContext } from './lint-context.ts';

/** Sources from which no message of this deployment ever comes. */
export function* checkSources(routes: readonly AnalysedRoute[], context: LintContext): Generator<Remark> {
  const modules = context.isLayer ? undefined : new Set(context.modules.map(({ name }) => name.toLowerCase()));
  for (const { name, prefix, parsed, textPath: path } of routes) {
    if (prefix === undefined || parsed === undefined) continue;
    const problem = problemOf(prefix, parsed.source, modules);
    if (problem === undefined) continue;
    yield {
      code: 'route-source',
      message: `route '${name}': ${problem.message}`,
      remedy: problem.remedy,
      path,
      span: parsed.sourceSpan,
    };
  }
}

function problemOf(
  prefix: string,
  source: string,
  modules: ReadonlySet<string> | undefined,
): { readonly message: string; readonly remedy: string } | undefined {
  if (['/', '/messages/', '/messages/modules/', '/twinchangenotifications/'].includes(prefix)) return undefined;
  const never = `no message ever comes from ${source}`;
  const parts = prefix.slice(1, -1).split('/');
  if (parts.slice(0, -1).some((part) => part.includes('*')) || /\*.*\//.test(prefix)) {
    return {
      message: `${never}: * is a wildcard at the end only`,
      remedy: 'Use a WHERE on $connectionModuleId or $outputName.',
    };
  }
  const [root, kind, module = '', outputs, ...output] = parts;
  if (root !== 'messages' || kind !== 'modules') {
    return {
      message: never,
      remedy: 'Sources are /*, /messages/*, /messages/modules/MODULE[/outputs/OUTPUT] and /twinChangeNotifications/*.',
    };
  }
  if (modules !== undefined && !modules.has(module)) {
    return {
      message: `${never}: the deployment has no module '${module}'`,
      remedy: 'Correct the name, or add the module.',
    };
  }
  if (outputs !== undefined && outputs !== 'outputs') {
    return { message: never, remedy: `Write /messages/modules/${module}/outputs/….` };
  }
  if (output.length > 1) return { message: never, remedy: 'An output’s name ends the source.' };
  return undefined;
}

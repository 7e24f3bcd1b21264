/**
 * Names of the `$VARIABLES` in a deployment template that the environment does not have. The template keeps them as they
 * are, which is seldom what its user meant. Only upper-case names count: `$upstream` and `$edgeHub` are none.
 */
export function unsetVariables(
  template: string,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const names = [...template.matchAll(/\$\{?([A-Z][A-Z0-9_]*)\b(?![.<])/g)].map(([, name]) => name ?? '');
  return [...new Set(names)].filter((name) => environment[name] === undefined);
}

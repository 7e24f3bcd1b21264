import { z } from 'zod';

/** What a schema has found in a document, in one line: where, what, and the value that stands there. */
export function describeIssues(error: z.ZodError, given: unknown): string {
  return error.issues
    .map(
      (issue) => `${issue.path.length === 0 ? '' : `${z.core.toDotPath(issue.path)}: `}${describeIssue(issue, given)}`,
    )
    .join('; ');
}

/** One of them, without where. */
export function describeIssue(issue: z.core.$ZodIssue, given: unknown): string {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  const value = issue.path.reduce<unknown>(
    (inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined),
    given,
  );
  return value === undefined ? issue.message : `${issue.message}, not ${shortened(JSON.stringify(value))}`;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** The HTTP status that the engine answered with; `undefined` when it did not answer. */
export function engineStatus(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}

/** What the engine said, without what its client library puts round it. */
export function engineMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { json } = error as { json?: unknown };
  if (typeof json === 'object' && json !== null && 'message' in json) return String(json.message);
  return error.message;
}

/** Swallows the answers that say that there was nothing to do: it is gone (404), it is so already (304), somebody else is at it (409). */
export function unlessDone(error: unknown): void {
  const status = engineStatus(error);
  if (status !== 404 && status !== 304 && status !== 409) throw error;
}

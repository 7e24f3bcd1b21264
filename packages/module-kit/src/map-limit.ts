/**
 * Works on what the source yields with at most `limit` workers at once, pulling the next only when a worker is free. The
 * signal stops the pulling; what is under way is awaited. The first failure stops the pulling too and is thrown when all
 * workers have ended.
 */
export async function mapLimit<Item>(
  source: AsyncIterable<Item> | Iterable<Item>,
  limit: number,
  work: (item: Item) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  for await (const item of source) {
    if (failure !== undefined || signal?.aborted) break;
    const run = work(item)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => running.delete(run));
    running.add(run);
    if (running.size >= limit) await Promise.race(running);
    if (failure !== undefined || signal?.aborted) break;
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure.error;
}

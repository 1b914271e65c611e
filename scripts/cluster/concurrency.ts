// Runs steps side by side and lets all of them come to an end: a cluster that is being made must not be cut off by a failed build.

/** Like Promise.all, but rejects with the first failure only when every promise has settled. */
export async function settleAll<T extends readonly unknown[]>(
  promises: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  const results: readonly PromiseSettledResult<unknown>[] = await Promise.allSettled(promises)
  const failed = results.find(result => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return results.map(result => (result as PromiseFulfilledResult<unknown>).value) as unknown as T
}

import type { ApiClient } from '../../../src/api/api-client.ts'
import type { Envelope } from '../../../src/api/envelope.ts'

/** Entries of a list, and how many there are of which these are the first. */
export type Listing<T> = Readonly<{ entries: readonly T[]; total: number }>

/** Entries asked for at once. */
const PAGE_SIZE = 500

/**
 * Reads a list page by page.
 * @param key the field of the answer that has the entries
 * @param limit no more are read than that
 */
export async function readPages<T extends Readonly<{ id: string }>>(
  client: ApiClient,
  path: string,
  key: string,
  { limit, parameters = {} }: Readonly<{ limit: number; parameters?: Readonly<Record<string, string>> }>,
): Promise<Listing<T>> {
  const found = new Map<string, T>()
  let total = 0
  for (let start = 0; start < limit; start += PAGE_SIZE) {
    const count = Math.min(PAGE_SIZE, limit - start)
    const answer = await client.get<Envelope & Readonly<Record<string, unknown>>>(path, key, {
      ...parameters,
      start,
      count,
    })
    const entries = (Array.isArray(answer[key]) ? answer[key] : []) as T[]
    total = typeof answer.total === 'number' ? answer.total : start + entries.length
    // Entries come and go between two pages: one that moved is not there twice.
    const known = found.size
    for (const entry of entries) {
      found.set(entry.id, entry)
    }
    if (entries.length !== count || found.size === known) {
      break
    }
  }
  const entries = [...found.values()].slice(0, limit)
  return { entries, total: Math.max(total, entries.length) }
}

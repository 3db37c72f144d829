import type { EndpointParameter } from './endpoint.ts'

/** Entries of a list unless more are asked for; who asks for fewer gets so many all the same, as in SRS. */
export const DEFAULT_PAGE_ENTRIES = 10

/** Entries of a list in one answer at most: what is made of them is made at once, while no media goes out. */
export const MAX_PAGE_ENTRIES = 5_000

/** What the query of a list may say. */
export const PAGE_PARAMETERS: readonly EndpointParameter[] = [
  {
    name: 'start',
    in: 'query',
    says: 'How many entries to leave out. Default 0.',
    schema: { type: 'integer' },
  },
  {
    name: 'count',
    in: 'query',
    says: `How many entries at most: ${DEFAULT_PAGE_ENTRIES} to ${MAX_PAGE_ENTRIES}; fewer count as ${DEFAULT_PAGE_ENTRIES}, which is the default.`,
    schema: { type: 'integer' },
  },
]

/** A list that parts can be had of. */
export type Pageable<T> = Readonly<{
  /** Entries from one place to before another, as of `Array.slice`. */
  slice: (start: number, end: number) => readonly T[]
}>

/** The part of a list that the query asks for. What is no number says nothing. */
export function pageOf<T>(entries: Pageable<T>, query: URLSearchParams): readonly T[] {
  const start = Math.max(0, wholeNumber(query.get('start')))
  const count = Math.min(MAX_PAGE_ENTRIES, Math.max(DEFAULT_PAGE_ENTRIES, wholeNumber(query.get('count'))))
  return entries.slice(start, start + count)
}

function wholeNumber(text: string | null): number {
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : 0
}

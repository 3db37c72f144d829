import { describe, expect, it } from 'vitest'
import { ApiClient, type Parameters } from '../../../src/api/api-client.ts'
import { readPages } from './pages.ts'

/** A client whose `get` is answered by a function. */
class CannedClient extends ApiClient {
  readonly asked: Parameters[] = []
  readonly #answer: (parameters: Parameters) => unknown

  constructor(answer: (parameters: Parameters) => unknown) {
    super('http://unused/', () => null)
    this.#answer = answer
  }

  override async get<T>(_path: string, _key: keyof T, parameters: Parameters = {}): Promise<T> {
    this.asked.push(parameters)
    return this.#answer(parameters) as T
  }
}

const ENTRIES = Array.from({ length: 1700 }, (_, index) => ({ id: `c${index}` }))

/** A server that has all of `ENTRIES`. */
const paged = (): CannedClient =>
  new CannedClient(({ start, count }) => ({
    code: 0,
    total: ENTRIES.length,
    clients: ENTRIES.slice(Number(start), Number(start) + Number(count)),
  }))

describe('readPages', () => {
  it('reads all there are, page by page', async () => {
    const client = paged()
    expect(await readPages(client, 'clients/', 'clients', { limit: 5000 })).toEqual({
      entries: ENTRIES,
      total: 1700,
    })
    expect(client.asked.length).toBe(4)
  })

  it('reads no more than the limit', async () => {
    const client = paged()
    const { entries, total } = await readPages(client, 'clients/', 'clients', { limit: 700 })
    expect(entries).toHaveLength(700)
    expect(total).toBe(1700)
    expect(client.asked).toEqual([
      { start: 0, count: 500 },
      { start: 500, count: 200 },
    ])
  })

  it('ends at a server that always answers the same page', async () => {
    const entries = Array.from({ length: 500 }, (_, index) => ({ id: String(index) }))
    const client = new CannedClient(() => ({ code: 0, clients: entries }))
    expect(await readPages(client, 'clients/', 'clients', { limit: 5000 })).toMatchObject({ entries })
    expect(client.asked).toHaveLength(2)
  })
})

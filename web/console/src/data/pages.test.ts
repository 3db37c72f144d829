import { describe, expect, it } from 'vitest'
import { FakeApi } from '../../testing/fake-api.ts'
import type { ClientInfo } from '../api/answers.ts'
import { ApiClient, type Parameters } from '../api/api-client.ts'
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

const api = new FakeApi({ streams: 200, playersPerStream: 20 })
const paged = (): CannedClient =>
  new CannedClient(({ start, count }) => {
    const url = new URL(`http://fake/api/v1/clients/?start=${start}&count=${count}`)
    return JSON.parse(api.answer('GET', url, '').body)
  })

describe('readPages', () => {
  it('reads all there are, page by page', async () => {
    const client = paged()
    const found = await readPages<ClientInfo>(client, 'clients/', 'clients', { limit: 5000 })
    expect(found.length).toBeGreaterThan(1500)
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length)
    expect(client.asked.length).toBe(Math.ceil((found.length + 1) / 500))
  })

  it('reads no more than the limit', async () => {
    const client = paged()
    expect(await readPages<ClientInfo>(client, 'clients/', 'clients', { limit: 700 })).toHaveLength(700)
    expect(client.asked).toEqual([
      { start: 0, count: 500 },
      { start: 500, count: 200 },
    ])
  })

  it('ends at a server that always answers the same page', async () => {
    const entries = Array.from({ length: 500 }, (_, index) => ({ id: String(index) }))
    const client = new CannedClient(() => ({ code: 0, clients: entries }))
    expect(await readPages(client, 'clients/', 'clients', { limit: 5000 })).toEqual(entries)
    expect(client.asked).toHaveLength(2)
  })
})

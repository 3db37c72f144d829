import { createServer } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ApiClient } from './api-client.ts'
import { listClientsOf } from './listed.ts'
import { clientEntry, streamEntry } from './testing/entries.ts'

const STREAMS = [
  streamEntry({ id: 'vid-demo', url: '/live/demo' }),
  streamEntry({ id: 'vid-other', url: 'a.example/live/demo' }),
]
const CLIENTS = [
  clientEntry({ id: 'c1', stream: 'vid-demo', url: '/live/demo' }),
  clientEntry({ id: 'c2', stream: 'vid-other', url: 'a.example/live/demo' }),
  clientEntry({ id: 'c3', stream: 'vid-soon', url: '/live/soon' }),
]

describe('listing the clients of one stream', () => {
  /** Whether the server, as SRS, lists all clients whatever is asked for. */
  let listsAll: boolean
  const asked: string[] = []
  const server = createServer(({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://api')
    const stream = searchParams.get('stream')
    asked.push(`${pathname.replace('/api/v1/', '')} ${stream}`)
    const clients = CLIENTS.filter((client) => listsAll || stream === null || client.stream === stream)
    response.end(
      JSON.stringify({ code: 0, ...(pathname.includes('streams') ? { streams: STREAMS } : { clients }) }),
    )
  })
  let client: ApiClient
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    client = new ApiClient({ url: new URL(`http://127.0.0.1:${port}`), authorization: '' })
  })
  beforeEach(() => {
    listsAll = false
    asked.length = 0
  })
  afterAll(async () => {
    client.close()
    await new Promise((resolve) => server.close(resolve))
  })

  async function idsOf(path: string): Promise<string[]> {
    return (await listClientsOf(client, path)).map(({ id }) => id)
  }

  it.each([
    ['live/demo', 'vid-demo', 'c1'],
    ['/live/demo', 'vid-demo', 'c1'],
    ['//a.example/live/demo', 'vid-other', 'c2'],
  ])('asks for those of %s alone', async (path, stream, id) => {
    expect(await idsOf(path)).toEqual([id])
    expect(asked).toEqual(['streams/ null', `clients/ ${stream}`])
  })

  it('finds those who wait for a stream that nobody has published', async () => {
    expect(await idsOf('live/soon')).toEqual(['c3'])
  })

  it('picks them out of the answer of a server that lists all', async () => {
    listsAll = true
    expect(await idsOf('live/demo')).toEqual(['c1'])
  })
})

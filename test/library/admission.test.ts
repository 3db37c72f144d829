import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Answer, ServerOptions, StreamRequest } from '../../src/index.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope, type Scope, startServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask, askUpgrade, mediaPlaylistUrl, publishClip } from '../support/web.ts'

const PUBLISH_START = 'NetStream.Publish.Start'
const PLAY_START = 'NetStream.Play.Start'

/** Whether a text stands in anything the server sent. */
function wasTold(client: RtmpClient, text: string): boolean {
  return client.messages.some(({ payload }) => Buffer.from(payload).includes(text))
}

async function connect(scope: Scope, url: string): Promise<RtmpClient> {
  const client = await RtmpClient.connect(url)
  scope.onTestFinished(() => client.destroy())
  return client
}

/** What a program may answer with, and how a refusal then reads. */
const REFUSALS: readonly [string, () => Answer | Promise<Answer>, string][] = [
  ['false', () => false, 'not allowed'],
  ['a reason', () => 'the token is wrong', 'the token is wrong'],
  ['a reason that takes 500 ms', () => delay(500, 'the token is wrong'), 'the token is wrong'],
  ['an empty reason', async () => '', 'not allowed'],
  [
    'a throw',
    () => {
      throw new Error('the database is away')
    },
    'admission failed: the database is away',
  ],
  [
    'a throw after 500 ms',
    async () => {
      await delay(500)
      throw new Error('the database is away')
    },
    'admission failed: the database is away',
  ],
]

/** Answers that allow. */
const PERMISSIONS: readonly [string, () => Answer | Promise<Answer>][] = [
  ['true', () => true],
  ['nothing', () => {}],
  ['true that takes 500 ms', () => delay(500, true)],
]

/** A gate that a test opens by hand: an answer that is not there yet. */
class Gate {
  /** How often it was asked. */
  asked = 0
  readonly #answer = Promise.withResolvers<Answer>()

  ask(): Promise<Answer> {
    this.asked++
    return this.#answer.promise
  }

  open(answer: Answer): void {
    this.#answer.resolve(answer)
  }
}

describe('a publisher', () => {
  it.each(REFUSALS)('that is answered %s never sees a start', async (_name, onPublish, reason) => {
    await withServer({ onPublish }, async ({ scope, rtmpUrl, server, log }) => {
      const told: string[] = []
      server.on('publish', () => told.push('publish'))
      const client = await connect(scope, rtmpUrl)
      const refused = `NetStream.Publish.BadName: publish refused: ${reason}`
      await expect(client.publish('live/demo')).rejects.toThrow(refused)
      await client.closed
      expect(wasTold(client, PUBLISH_START)).toBe(false)
      expect(told).toEqual([])
      expect(server.streams).toEqual([])
      await waitFor('the refusal is in the log', () =>
        log.lines.some(({ fields }) => String(fields.reason).includes(`publish refused: ${reason}`)),
      )
    })
  })

  it.each(PERMISSIONS)('that is answered %s publishes', async (_name, onPublish) => {
    await withServer({ onPublish }, async ({ scope, rtmpUrl, server }) => {
      const client = await connect(scope, rtmpUrl)
      await client.publish('live/demo')
      expect(wasTold(client, PUBLISH_START)).toBe(true)
      expect(server.stream('live/demo')?.publication).not.toBeNull()
    })
  })

  it('waits for the answer, however long it takes, and is told nothing before', async () => {
    const gate = new Gate()
    await withServer({ onPublish: () => gate.ask() }, async ({ scope, rtmpUrl, server }) => {
      const client = await connect(scope, rtmpUrl)
      const published = client.publish('live/demo')
      await waitFor('the program is asked', () => gate.asked === 1)
      await delay(500)
      expect(wasTold(client, PUBLISH_START)).toBe(false)
      expect(server.streams).toEqual([])
      gate.open(true)
      await published
      expect(wasTold(client, PUBLISH_START)).toBe(true)
    })
  })

  it('that leaves before the answer holds the stream for nobody', async () => {
    const gate = new Gate()
    await withServer({ onPublish: () => gate.ask() }, async ({ scope, rtmpUrl, server }) => {
      const told: string[] = []
      server.on('publish', ({ parameters }) => told.push(`publish ${parameters.get('by')}`))
      server.on('unpublish', ({ parameters }) => told.push(`unpublish ${parameters.get('by')}`))
      const hasty = await connect(scope, rtmpUrl)
      const published = hasty.publish('live/demo?by=hasty')
      await waitFor('the program is asked', () => gate.asked === 1)
      await hasty.destroy()
      await expect(published).rejects.toThrow()
      await waitFor('the connection is gone', () => server.rtmpConnections === 0)
      gate.open(true)
      const patient = await connect(scope, rtmpUrl)
      await patient.publish('live/demo?by=patient')
      expect(told.at(-1)).toBe('publish patient')
      // Whatever was begun for the one that left has ended.
      expect(['', 'publish hasty,unpublish hasty']).toContain(told.slice(0, -1).join())
    })
  })

  it('is shown to the program with its address, protocol, stream and parameters', async () => {
    const requests: StreamRequest[] = []
    const onPublish = (request: StreamRequest): void => void requests.push(request)
    await withServer({ onPublish }, async ({ scope, rtmpUrl }) => {
      const client = await connect(scope, rtmpUrl)
      await client.publish('live/demo?token=secret')
      expect(requests).toEqual([
        {
          name: { vhost: '__defaultVhost__', app: 'live', stream: 'demo' },
          client: {
            id: expect.any(String),
            protocol: 'rtmp',
            address: '127.0.0.1',
            publishDialect: 'fmle',
          },
          vhost: '127.0.0.1',
          parameters: expect.any(URLSearchParams),
          param: '?token=secret',
          tcUrl: `${rtmpUrl}/live`,
          pageUrl: '',
          swfUrl: '',
          relayTrail: [],
        },
      ])
      expect(requests[0]?.parameters.get('token')).toBe('secret')
    })
  })
})

describe('an RTMP player', () => {
  it.each(REFUSALS)('that is answered %s never sees a start', async (_name, onPlay, reason) => {
    await withServer({ onPlay }, async ({ scope, rtmpUrl, server }) => {
      await publishClip(server)
      const told: string[] = []
      server.on('play', () => told.push('play'))
      const client = await connect(scope, rtmpUrl)
      await expect(client.play('live/demo')).rejects.toThrow(`NetStream.Play.Failed: play refused: ${reason}`)
      await client.closed
      expect(wasTold(client, PLAY_START)).toBe(false)
      expect(client.media).toEqual([])
      expect(told).toEqual([])
      expect(server.stream('live/demo')?.viewers.size).toBe(0)
    })
  })

  it.each(PERMISSIONS)('that is answered %s plays', async (_name, onPlay) => {
    await withServer({ onPlay }, async ({ scope, rtmpUrl, server }) => {
      await publishClip(server)
      const client = await connect(scope, rtmpUrl)
      await client.play('live/demo')
      expect(wasTold(client, PLAY_START)).toBe(true)
      await client.waitForMedia(3)
    })
  })

  it('waits for the answer and gets neither a start nor media before', async () => {
    const gate = new Gate()
    await withServer({ onPlay: () => gate.ask() }, async ({ scope, rtmpUrl, server }) => {
      await publishClip(server)
      const client = await connect(scope, rtmpUrl)
      const played = client.play('live/demo')
      await waitFor('the program is asked', () => gate.asked === 1)
      await delay(500)
      expect(wasTold(client, PLAY_START)).toBe(false)
      expect(client.media).toEqual([])
      gate.open(true)
      await played
      await client.waitForMedia(3)
    })
  })
})

describe('a player over HTTP', () => {
  it.each(REFUSALS)('that is answered %s gets 403 and the reason', async (_name, onPlay, reason) => {
    await withServer({ onPlay }, async ({ httpUrl, wsUrl, server }) => {
      await publishClip(server)
      const refusal = { status: 403, body: `play refused: ${reason}\n` }
      const answers = await Promise.all([
        ask(`${httpUrl}/live/demo.flv`),
        ask(`${httpUrl}/live/demo.m3u8`),
        ask(`${httpUrl}/live/demo.m3u8?hls_ctx=made-up-context`),
        askUpgrade(`${wsUrl}/live/demo.flv`),
      ])
      for (const answer of answers) {
        expect(answer).toMatchObject(refusal)
      }
      expect(server.stream('live/demo')?.viewers.size).toBe(0)
    })
  })

  it('cannot open a WebSocket if it is refused', async () => {
    await withServer({ onPlay: () => delay(500, 'no') }, async ({ wsUrl, server }) => {
      await publishClip(server)
      const webSocket = new WebSocket(`${wsUrl}/live/demo.flv`)
      const seen: string[] = []
      for (const kind of ['open', 'message', 'error', 'close'] as const) {
        webSocket.addEventListener(kind, () => seen.push(kind))
      }
      await waitFor('the WebSocket closes', () => seen.includes('close'))
      expect(seen).toEqual(['error', 'close'])
    })
  })

  it.each(PERMISSIONS)('that is answered %s plays', async (_name, onPlay) => {
    await withServer({ onPlay }, async ({ httpUrl, wsUrl, server }) => {
      await publishClip(server)
      const [flv, master, webSocket] = await Promise.all([
        ask(`${httpUrl}/live/demo.flv`),
        ask(`${httpUrl}/live/demo.m3u8`),
        askUpgrade(`${wsUrl}/live/demo.flv`),
      ])
      expect([flv.status, master.status, webSocket.status]).toEqual([200, 200, 101])
    })
  })

  it('gets no byte of an answer before the program has decided', async () => {
    const gate = new Gate()
    await withServer({ onPlay: () => gate.ask() }, async ({ httpUrl, server }) => {
      await publishClip(server)
      let answered = false
      const answer = ask(`${httpUrl}/live/demo.flv`).finally(() => {
        answered = true
      })
      await waitFor('the program is asked', () => gate.asked === 1)
      await delay(500)
      expect(answered).toBe(false)
      gate.open(true)
      expect((await answer).status).toBe(200)
    })
  })

  it('is asked for once as an HLS viewer, however many playlists and segments it fetches', async () => {
    const requests: StreamRequest[] = []
    const onPlay = (request: StreamRequest): void => void requests.push(request)
    await withServer({ onPlay, hls: { fragmentMs: 500 } }, async ({ httpUrl, server }) => {
      await publishClip(server)
      const url = await mediaPlaylistUrl(`${httpUrl}/live/demo.m3u8?token=secret`)
      const first = await ask(url)
      const segment = first.body?.split('\n').find((line) => line.includes('.ts'))
      expect((await ask(new URL(segment ?? '', url).href)).status).toBe(200)
      expect((await ask(url)).status).toBe(200)
      expect(requests).toHaveLength(1)
      expect(requests[0]?.client.protocol).toBe('hls')
      expect(requests[0]?.parameters.get('token')).toBe('secret')
    })
  })

  it('is shown to the program with its page and parameters', async () => {
    const requests: StreamRequest[] = []
    const onPlay = (request: StreamRequest): void => void requests.push(request)
    await withServer({ onPlay }, async ({ httpUrl, server }) => {
      await publishClip(server)
      const referer = 'http://example.com/watch'
      await ask(`${httpUrl}/live/demo.flv?token=secret`, { headers: { referer } })
      expect(requests[0]).toMatchObject({
        name: { vhost: '__defaultVhost__', app: 'live', stream: 'demo' },
        client: { protocol: 'http-flv', address: '127.0.0.1' },
        vhost: '127.0.0.1',
        param: '?token=secret',
        tcUrl: `${httpUrl}/live`,
        pageUrl: referer,
      })
      expect(requests[0]?.parameters.get('token')).toBe('secret')
    })
  })
})

/** A server for one test of a table, which has no context of its own. */
async function withServer(
  options: Pick<ServerOptions, 'onPublish' | 'onPlay' | 'hls'>,
  test: (given: Awaited<ReturnType<typeof startServer>> & { scope: Scope }) => Promise<void>,
): Promise<void> {
  const scope = new FileScope()
  try {
    await test({ ...(await startServer(scope, options)), scope })
  } finally {
    await scope.clean()
  }
}

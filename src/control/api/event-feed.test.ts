import { afterEach, describe, expect, it, vi } from 'vitest'
import { answerBy, httpRequest } from '../../../test/support/http-requests.ts'
import { createServerIdentity, nextTurn, type SlicedText } from '../../base/index.ts'
import { type HttpReply, HttpRouter } from '../../http/index.ts'
import type { SocketSink } from '../../net/index.ts'
import { Api } from './api.ts'
import {
  EVENT_STALL_TIMEOUT_MS,
  EventFeed,
  MAX_EVENT_LISTENERS,
  MAX_EVENT_LISTENERS_PER_ADDRESS,
} from './event-feed.ts'

/** The one trusted address. */
const PROXY = '192.0.2.100'

/** A sink of a listener that reads nothing; what is written to others goes to `write`. */
function sinkOf(write: ((bytes: Uint8Array) => void) | null): SocketSink {
  const sink = { blocked: write === null, write: write ?? (() => false), cork: () => {}, uncork: () => {} }
  return sink as unknown as SocketSink
}

const noStreams = async (): Promise<void> => {}

const ports = { rtmp_port: null, rtmps_port: null, media_port: null }
const identity = createServerIdentity()

describe('The streams of GET /api/v1/events', () => {
  afterEach(() => void vi.useRealTimers())

  /** A feed with one listener, and when it was told the streams, ms since the listener came. */
  async function listenAt(
    events?: string,
    writeStreams: (json: SlicedText) => Promise<void> = noStreams,
  ): Promise<{ feed: EventFeed; toldAt: number[]; told: Uint8Array[]; leave: () => void }> {
    vi.useFakeTimers()
    const start = performance.now()
    const toldAt: number[] = []
    const told: Uint8Array[] = []
    const http = new HttpRouter()
    const feed = new EventFeed({ writeStreams, ports: () => ports, trusts: () => true })
    new Api({ identity, endpoints: [feed.endpoint] }).mount(http, null)
    let leave = (): void => {}
    const sink = sinkOf((bytes) => {
      told.push(bytes)
      if (Buffer.from(bytes).toString().startsWith('event: streams')) {
        toldAt.push(performance.now() - start)
      }
    })
    const parameters = new URLSearchParams(events === undefined ? {} : { events })
    await answerBy(http, httpRequest('api/v1/events', { parameters }), {
      closed: false,
      onClose: (listener) => {
        leave = listener
      },
      send: () => {},
      stream: () => sink,
      missing: () => {},
    })
    return { feed, toldAt, told, leave: () => leave() }
  }

  it('are told at once when something changes, and twice a second at most when much does', async () => {
    const { feed, toldAt } = await listenAt()
    for (let at = 0; at < 1_900; at += 10) {
      feed.changed()
      await vi.advanceTimersByTimeAsync(10)
    }
    expect(toldAt).toEqual([0, 100, 600, 1_100, 1_600])
  })

  it('are told with the last change of many, and then only every 2 s', async () => {
    const { feed, toldAt } = await listenAt()
    feed.changed()
    await vi.advanceTimersByTimeAsync(200)
    feed.changed()
    await vi.advanceTimersByTimeAsync(5_800)
    expect(toldAt).toEqual([0, 100, 600, 2_000, 4_000, 6_000])
  })

  it('hold no more memory than their bytes where they are few, as a listener may not read for long', async () => {
    const { told } = await listenAt('streams', async (json) => void json.write('{"name":"one"}'))
    await vi.advanceTimersByTimeAsync(2_000)
    const streams = told.filter((bytes) => Buffer.from(bytes).includes('event: streams'))
    expect(streams.map(({ buffer, length }) => buffer.byteLength - length)).toEqual([0, 0])
  })

  it('are not even listed where all listen to other events only', async () => {
    const writeStreams = vi.fn(noStreams)
    const { feed } = await listenAt('client,refusal', writeStreams)
    feed.changed()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(writeStreams).not.toHaveBeenCalled()
  })

  it('are told to nobody when nobody listens any more', async () => {
    const { feed, toldAt, leave } = await listenAt()
    feed.changed()
    leave()
    feed.changed()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(toldAt).toEqual([0])
  })
})

describe('A list of streams that takes several turns of the event loop', () => {
  it('comes whole to all who listen, once for all, and who comes while it is made gets the next', async () => {
    let lists = 0
    const long = 'x'.repeat(20_000)
    const feed = new EventFeed({
      writeStreams: async (json) => {
        const list = ++lists
        for (let part = 0; part < 6; part++) {
          json.write(`${part === 0 ? '' : ','}"${list}${long}"`)
          if (json.isSliceFull) {
            await json.nextSlice()
          }
        }
      },
      ports: () => ports,
      trusts: () => true,
    })
    const http = new HttpRouter()
    new Api({ identity, endpoints: [feed.endpoint] }).mount(http, null)
    const leave: (() => void)[] = []
    const listen = async (): Promise<() => string> => {
      let heard = ''
      await answerBy(
        http,
        httpRequest('api/v1/events', { parameters: new URLSearchParams('events=streams') }),
        {
          closed: false,
          onClose: (listener) => void leave.push(listener),
          send: () => {},
          stream: () =>
            sinkOf((bytes) => {
              heard += bytes
            }),
          missing: () => {},
        },
      )
      return () => heard
    }
    const data = (list: number): string =>
      `event: streams\ndata: ${JSON.stringify(Array.from({ length: 6 }, () => `${list}${long}`))}\n\n`
    const heard = [await listen(), await listen(), await listen()]
    const gone = await listen()
    leave.at(-1)?.()
    while (heard.some((each) => !each().endsWith(']\n\n'))) {
      await nextTurn()
    }
    expect(heard.map((each) => each().slice(each().indexOf('event: streams')))).toEqual([
      data(1),
      data(2),
      data(2),
    ])
    expect(gone()).not.toContain('event: streams')
    for (const each of leave) {
      each()
    }
  })
})

describe('Clients and refusals of GET /api/v1/events', () => {
  afterEach(() => void vi.useRealTimers())

  const http = new HttpRouter()
  const feed = new EventFeed({ writeStreams: noStreams, ports: () => ports, trusts: () => true })
  new Api({ identity, endpoints: [feed.endpoint] }).mount(http, null)

  /** What a listener is written, by writes: what is corked is one. @param events which it hears */
  async function listen(events: string, lastEventId?: string): Promise<string[]> {
    const writes: string[] = []
    let corked: string[] | null = null
    const sink = {
      blocked: false,
      cork: () => {
        corked = []
      },
      uncork: () => {
        writes.push((corked ?? []).join(''))
        corked = null
      },
      write: (bytes: Uint8Array) => (corked ?? writes).push(String(bytes)) > 0,
    }
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
    await answerBy(
      http,
      httpRequest('api/v1/events', { parameters: new URLSearchParams({ events }), headers }),
      {
        closed: false,
        onClose: () => {},
        send: () => {},
        stream: () => sink as unknown as SocketSink,
        missing: () => {},
      },
    )
    return writes
  }

  function numbersIn(text: string): number[] {
    return [...text.matchAll(/"n":(\d+)/g)].map(([, number]) => Number(number))
  }

  it('are told at once, and together where many come; each is an event of its own, and nobody gets one twice', async () => {
    vi.useFakeTimers()
    const writes = await listen('client')
    feed.tell('client', () => ({ n: 0 }))
    expect(numbersIn(writes.join(''))).toEqual([0])
    for (let n = 1; n < 1000; n++) {
      feed.tell(n % 10 === 0 ? 'refusal' : 'client', () => ({ n }))
      vi.advanceTimersByTime(n % 10 === 0 ? 1 : 0)
    }
    const [, firstId] = /^id: (.*)$/m.exec(writes.join('')) ?? []
    const late = await listen('client,refusal', firstId?.replace(/\d+$/, '900'))
    vi.advanceTimersByTime(100)
    const clients = Array.from({ length: 1000 }, (_, n) => n).filter((n) => n === 0 || n % 10 > 0)
    expect(numbersIn(writes.join(''))).toEqual(clients)
    expect(writes.join('').match(/^event: client$/gm)).toHaveLength(clients.length)
    expect(writes.length).toBeLessThanOrEqual(14)
    expect(numbersIn(late.join(''))).toEqual(Array.from({ length: 100 }, (_, index) => 900 + index))
  })
})

describe('Listeners of GET /api/v1/events', () => {
  const leave: (() => void)[] = []
  const http = new HttpRouter()
  const feed = new EventFeed({
    writeStreams: noStreams,
    ports: () => ports,
    trusts: (address) => address === PROXY,
  })
  const door = new HttpRouter()
  new Api({ identity, endpoints: [feed.endpoint] }).mount(http, () => null)
  new Api({ identity, endpoints: [feed.endpoint] }).mount(door, null)
  /** Addresses of those that were sent away. */
  const ended: string[] = []

  afterEach(() => {
    for (const each of leave.splice(0)) {
      each()
    }
  })

  /** The answer: a stream with the time in which it must take something, or why there is none. */
  async function listen(address: string, router = http, events = 'client'): Promise<string> {
    let answer = 'nothing'
    const request = httpRequest('api/v1/events', { address, parameters: new URLSearchParams({ events }) })
    const reply: HttpReply = {
      closed: false,
      onClose: (listener) => void leave.push(listener),
      send: (status, _type, body) => {
        answer = `${status} ${String(body)}`
      },
      stream: (type, idleTimeoutMs) => {
        expect(idleTimeoutMs).toBe(EVENT_STALL_TIMEOUT_MS)
        answer = type
        return Object.assign(sinkOf(null), { end: () => void ended.push(address) })
      },
      missing: () => {},
    }
    await answerBy(router, request, reply)
    return answer
  }

  it('are sent away when they would not be let in any more, but for those that came by a door of their own', async () => {
    await listen('192.0.2.1')
    await listen('192.0.2.2')
    await listen('192.0.2.3', door)
    feed.dismiss(({ address }) => address !== '192.0.2.2' && address !== '192.0.2.3')
    expect(ended).toEqual(['192.0.2.2'])
  })

  it.each(['clients', '', 'client,', 'client, refusal', 'server', '__proto__'])(
    'are told if they ask for events that there are not: %j',
    async (events) => {
      expect(await listen('192.0.2.1', http, events)).toMatch(
        /^400 'events' has '.*': it may have streams, client, refusal\n$/,
      )
    },
  )

  it('are MAX_EVENT_LISTENERS at most; when one leaves, there is room again', async () => {
    for (let i = 0; i < MAX_EVENT_LISTENERS; i++) {
      expect(await listen(PROXY)).toBe('text/event-stream')
    }
    expect(await listen('192.0.2.1')).toBe('503 there are 1000 listeners already (MAX_EVENT_LISTENERS)\n')
    leave.shift()?.()
    expect(await listen('192.0.2.1')).toBe('text/event-stream')
    feed.changed()
  })

  it('are MAX_EVENT_LISTENERS_PER_ADDRESS of one address at most, and others have room', async () => {
    for (let i = 0; i < MAX_EVENT_LISTENERS_PER_ADDRESS; i++) {
      expect(await listen('192.0.2.1')).toBe('text/event-stream')
    }
    expect(await listen('192.0.2.1')).toBe(
      '503 100 listeners are from 192.0.2.1 already (MAX_EVENT_LISTENERS_PER_ADDRESS)\n',
    )
    expect(await listen('192.0.2.2')).toBe('text/event-stream')
    leave.shift()?.()
    expect(await listen('192.0.2.1')).toBe('text/event-stream')
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import { answerBy, httpRequest } from '../../../test/support/http-requests.ts'
import { createServerIdentity } from '../../base/index.ts'
import { type HttpReply, HttpRouter } from '../../http/index.ts'
import type { SocketSink } from '../../net/index.ts'
import { Api } from './api.ts'
import { EventFeed, MAX_EVENT_LISTENERS, MAX_EVENT_LISTENERS_PER_ADDRESS } from './event-feed.ts'

/** The one trusted address. */
const PROXY = '192.0.2.100'

// Whoever listens reads nothing.
const sink = { blocked: true, write: () => false } as unknown as SocketSink

describe('Listeners of GET /api/v1/events', () => {
  const leave: (() => void)[] = []
  const http = new HttpRouter()
  const feed = new EventFeed({
    streams: () => [],
    ports: () => ({ rtmp_port: null, rtmps_port: null, media_port: null }),
    trusts: (address) => address === PROXY,
  })
  const identity = createServerIdentity()
  new Api({ identity, endpoints: [feed.endpoint] }).mount(http, null)

  afterEach(() => {
    for (const each of leave.splice(0)) {
      each()
    }
  })

  /** The answer: a stream, or why there is none. */
  async function listen(address: string): Promise<string> {
    let answer = 'nothing'
    const request = httpRequest('api/v1/events', { address })
    const reply: HttpReply = {
      closed: false,
      onClose: (listener) => void leave.push(listener),
      send: (status, _type, body) => {
        answer = `${status} ${String(body)}`
      },
      stream: (type) => {
        answer = type
        return sink
      },
      missing: () => {},
    }
    await answerBy(http, request, reply)
    return answer
  }

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

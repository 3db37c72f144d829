import { afterEach, describe, expect, it } from 'vitest'
import { LiveRig, stillClock } from '../../../test/support/live.ts'
import { type HttpReply, type HttpRequest, HttpRouter } from '../../http/index.ts'
import type { SocketSink } from '../../net/index.ts'
import { Refusals } from '../access/index.ts'
import { ApiRoutes, MAX_EVENT_LISTENERS, MAX_EVENT_LISTENERS_PER_ADDRESS } from './routes.ts'

/** The one trusted address. */
const PROXY = '192.0.2.100'

// Whoever listens reads nothing.
const sink = { blocked: true, write: () => false } as unknown as SocketSink

describe('Listeners of GET /api/v1/events', () => {
  const leave: (() => void)[] = []
  const http = new HttpRouter()
  const routes = new ApiRoutes({
    http,
    registry: new LiveRig().live.registry,
    refusals: new Refusals(stillClock),
    clock: stillClock,
    trusts: (address) => address === PROXY,
    rtmpPort: () => null,
    rtmpsPort: () => null,
    mediaPort: () => null,
  })

  afterEach(() => {
    for (const each of leave.splice(0)) {
      each()
    }
  })

  /** The answer: a stream, or why there is none. */
  function listen(address: string): string {
    let answer = 'nothing'
    const request = { path: 'api/v1/events', address, origin: 'http://localhost' } as HttpRequest
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
    void http.handlerOf(request.path)?.(request, reply)
    return answer
  }

  it('are MAX_EVENT_LISTENERS at most; when one leaves, there is room again', () => {
    for (let i = 0; i < MAX_EVENT_LISTENERS; i++) {
      expect(listen(PROXY)).toBe('text/event-stream')
    }
    expect(listen('192.0.2.1')).toBe('503 there are 1000 listeners already (MAX_EVENT_LISTENERS)\n')
    leave.shift()?.()
    expect(listen('192.0.2.1')).toBe('text/event-stream')
    routes.changed()
  })

  it('are MAX_EVENT_LISTENERS_PER_ADDRESS of one address at most, and others have room', () => {
    for (let i = 0; i < MAX_EVENT_LISTENERS_PER_ADDRESS; i++) {
      expect(listen('192.0.2.1')).toBe('text/event-stream')
    }
    expect(listen('192.0.2.1')).toBe(
      '503 100 listeners are from 192.0.2.1 already (MAX_EVENT_LISTENERS_PER_ADDRESS)\n',
    )
    expect(listen('192.0.2.2')).toBe('text/event-stream')
    leave.shift()?.()
    expect(listen('192.0.2.1')).toBe('text/event-stream')
  })
})

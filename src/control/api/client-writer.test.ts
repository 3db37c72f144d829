import { afterEach, describe, expect, it, vi } from 'vitest'
import { LiveRig, RushingClock, stillClock } from '../../../test/support/live.ts'
import { type Clock, createServerIdentity, SlicedText } from '../../base/index.ts'
import { parseStreamName, type StreamRequest, VirtualConnection } from '../../live/index.ts'
import { describeClient } from './client-details.ts'
import { ClientWriter, KEPT_TEXTS_MS } from './client-writer.ts'
import { StreamIds } from './stream-ids.ts'

const source = { onRevoked() {} }

function requestOf(id: string, given: Partial<StreamRequest> = {}): StreamRequest {
  return {
    name: parseStreamName('live/demo'),
    client: { id, protocol: 'rtmp', address: '192.0.2.1' },
    vhost: '',
    parameters: new URLSearchParams(),
    param: '',
    tcUrl: 'rtmp://example.com/live?token=secret',
    pageUrl: '',
    ...given,
  }
}

describe('A writer of clients', () => {
  afterEach(() => void vi.useRealTimers())

  function newWriter(clock: Clock = stillClock): {
    rig: LiveRig
    writer: ClientWriter
    written: () => string[]
    described: () => string[]
  } {
    const rig = new LiveRig(clock)
    const { clients } = rig.live
    const ids = new StreamIds(createServerIdentity())
    const writer = new ClientWriter(clients, ids)
    const textOf = (write: (json: SlicedText) => void): string => {
      const json = new SlicedText()
      write(json)
      return String(json)
    }
    return {
      rig,
      writer,
      written: () => clients.list.map((client) => textOf((json) => writer.write(json, client))),
      described: () => clients.list.map((client) => JSON.stringify(describeClient(client, ids))),
    }
  }

  it('writes what describeClient says, to the character, each time anew where it changes', async () => {
    const { rig, written, described } = newWriter()
    const { live } = rig
    const connection = new VirtualConnection()
    await live.publish(requestOf('p1'), source, connection)
    const odd = { pageUrl: 'https://例え.jp/"\\\u0007?a=<b>', tcUrl: '' }
    const progress = { lagMs: 12.6, skips: 3 }
    for (const protocol of ['rtmp', 'http-flv', 'ws-flv', 'hls', 'library'] as const) {
      const client = { id: protocol, protocol, address: '2001:db8::1' }
      const viewing = await live.play(requestOf(protocol, { client, ...odd }))
      viewing.report(progress)
    }
    expect(written()).toEqual(described())
    connection.totals = { bytesReceived: 2 ** 40, bytesSent: 7 }
    progress.lagMs = 10_000
    expect(written()).toEqual(described())
    expect(written()[0]).toContain(`"recv_bytes":${2 ** 40},`)
    expect(written()[1]).toContain('"lag_ms":10000,"skips":3}')
  })

  it('writes what a client asks for now, where it has asked for something else before', async () => {
    const { rig, written, described } = newWriter()
    const connection = new VirtualConnection()
    const viewing = await rig.live.play(requestOf('c1'), connection)
    expect(written()).toEqual(described())
    viewing.end({ code: 'disconnected', message: 'stopped' })
    await rig.live.publish(requestOf('c1', { name: parseStreamName('live/other') }), source, connection)
    expect(written()).toEqual(described())
    expect(written()[0]).toContain('"name":"other","type":"fmle-publish","publish":true,')
  })

  it('keeps nothing of clients that have left, also while a list is made, and of nobody once none asks', async () => {
    vi.useFakeTimers()
    const { rig, writer, written } = newWriter(new RushingClock())
    const { clients } = rig.live
    const connection = new VirtualConnection()
    await rig.live.play(requestOf('c1'), connection)
    await rig.live.play(requestOf('c2'), new VirtualConnection())
    writer.keep()
    written()
    expect(writer.size).toBe(2)
    const [first] = clients.list
    connection.close()
    expect(writer.size).toBe(1)
    writer.write(new SlicedText(), first as NonNullable<typeof first>)
    expect(writer.size).toBe(1)
    vi.advanceTimersByTime(KEPT_TEXTS_MS - 1)
    writer.keep()
    vi.advanceTimersByTime(KEPT_TEXTS_MS - 1)
    expect(writer.size).toBe(1)
    vi.advanceTimersByTime(1)
    expect(writer.size).toBe(0)
  })
})

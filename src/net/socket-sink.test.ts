import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { listenTcp, SINK_END_TIMEOUT_MS, SocketSink } from './index.ts'

const CHUNK = new Uint8Array(64 * 1024).fill(0x5a)

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  vi.useRealTimers()
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup()
  }
})

/** Both ends of a connection over the loopback interface; the peer reads nothing until it is told to. */
async function socketPair(): Promise<{ socket: Socket; peer: Socket }> {
  const accepted = Promise.withResolvers<Socket>()
  const listener = await listenTcp({ port: 0 }, 'a test', (socket) => accepted.resolve(socket))
  const peer = connect(listener.address)
  peer.on('error', () => {})
  const socket = await accepted.promise
  socket.on('error', () => {})
  cleanups.push(
    () => listener.close(),
    () => socket.destroy(),
    () => peer.destroy(),
  )
  return { socket, peer }
}

/** Writes until the socket takes no more; returns the bytes written. */
function fill(sink: SocketSink): number {
  const before = sink.bytesQueued
  while (sink.write(CHUNK)) {
    expect(sink.bytesQueued).toBeLessThan(64 * 1024 * 1024)
  }
  return sink.bytesQueued - before
}

/** Writes until neither this process nor the system takes more. */
async function fillAll(sink: SocketSink, socket: Socket): Promise<void> {
  let taken = -1
  while (socket.bytesWritten - socket.writableLength !== taken) {
    taken = socket.bytesWritten - socket.writableLength
    if (!sink.blocked) {
      fill(sink)
    }
    // The system takes bytes within a turn or two of the event loop, or not before the peer reads.
    for (let turn = 0; turn < 20; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

describe('a socket sink', () => {
  it('is blocked by a peer that does not read, holds little, and tells when the peer reads again', async () => {
    const { socket, peer } = await socketPair()
    const sink = new SocketSink(socket)
    expect(sink.blocked).toBe(false)
    await fillAll(sink, socket)
    expect(sink.blocked).toBe(true)
    expect(sink.closed).toBe(false)
    expect(socket.writableLength).toBeGreaterThan(0)
    expect(socket.writableLength).toBeLessThanOrEqual(socket.writableHighWaterMark + CHUNK.length)

    let drains = 0
    const drained = Promise.withResolvers<void>()
    sink.addDrainListener({
      onDrain() {
        drains++
        drained.resolve()
      },
    })
    expect(drains).toBe(0)
    peer.resume()
    await drained.promise
    expect(sink.blocked).toBe(false)
    expect(drains).toBe(1)
  })

  it('tells all that listen, but not those that have stopped', async () => {
    const { socket, peer } = await socketPair()
    const sink = new SocketSink(socket)
    const told: string[] = []
    const first = { onDrain: () => told.push('first') }
    // While it is filled, the system may take some more now and then.
    await fillAll(sink, socket)
    sink.addDrainListener(first)
    sink.addDrainListener({ onDrain: () => told.push('second') })
    sink.removeDrainListener(first)
    sink.removeDrainListener(first)
    peer.resume()
    await once(socket, 'drain')
    expect(told).toEqual(['second'])
  })

  it('sends bytes in order, whether it is blocked or not', async () => {
    const { socket, peer } = await socketPair()
    const sink = new SocketSink(socket)
    const received: Buffer[] = []
    await fillAll(sink, socket)
    const filled = sink.bytesQueued
    expect(sink.write(Buffer.from('one '))).toBe(false)
    expect(sink.write(Buffer.from('two'))).toBe(false)
    expect(sink.bytesQueued).toBe(filled + 7)
    peer.on('data', (bytes: Buffer) => received.push(bytes))
    sink.end()
    await once(peer, 'end')
    const bytes = Buffer.concat(received)
    expect(bytes).toHaveLength(filled + 7)
    expect(bytes.subarray(filled).toString()).toBe('one two')
    expect(bytes.subarray(0, filled).every((byte) => byte === 0x5a)).toBe(true)
  })

  it('drops what is written after its end', async () => {
    const { socket, peer } = await socketPair()
    const sink = new SocketSink(socket)
    expect(sink.write(Buffer.from('last words'))).toBe(true)
    sink.end()
    expect(sink.closed).toBe(true)
    expect(sink.blocked).toBe(true)
    expect(sink.write(Buffer.from('too late'))).toBe(false)
    expect(sink.bytesQueued).toBe('last words'.length)
    const [received] = (await once(peer, 'data')) as [Buffer]
    expect(received.toString()).toBe('last words')
    await once(peer, 'close')
  })

  it('drops what is queued when it is destroyed, and what is written afterwards', async () => {
    const { socket, peer } = await socketPair()
    const sink = new SocketSink(socket)
    await fillAll(sink, socket)
    const queued = sink.bytesQueued
    let drains = 0
    sink.addDrainListener({ onDrain: () => drains++ })
    sink.destroy()
    expect(sink.closed).toBe(true)
    expect(sink.write(CHUNK)).toBe(false)
    expect(sink.bytesQueued).toBe(queued)
    peer.resume()
    await once(peer, 'close')
    expect(drains).toBe(0)
    expect(peer.bytesRead).toBeLessThan(queued)
  })

  it('is closed when the peer has gone', async () => {
    const { socket, peer } = await socketPair()
    const sink = new SocketSink(socket)
    socket.resume()
    peer.destroy()
    await once(socket, 'close')
    expect(sink.closed).toBe(true)
    expect(sink.blocked).toBe(true)
    expect(sink.write(CHUNK)).toBe(false)
  })

  it('closes after its end on a peer that never reads', async () => {
    const { socket } = await socketPair()
    const sink = new SocketSink(socket)
    await fillAll(sink, socket)
    vi.useFakeTimers()
    sink.end()
    vi.advanceTimersByTime(SINK_END_TIMEOUT_MS - 1)
    expect(socket.destroyed).toBe(false)
    // Ending again does not give the peer more time.
    sink.end()
    vi.advanceTimersByTime(1)
    expect(socket.destroyed).toBe(true)
  })

  it('leaves no timer behind when the peer takes its last bytes', async () => {
    const { socket, peer } = await socketPair()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const sink = new SocketSink(socket)
    sink.write(Buffer.from('last words'))
    sink.end()
    sink.end()
    expect(vi.getTimerCount()).toBe(1)
    peer.resume()
    await once(socket, 'close')
    expect(vi.getTimerCount()).toBe(0)
    sink.end()
    expect(vi.getTimerCount()).toBe(0)
  })
})

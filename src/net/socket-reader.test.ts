import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { waitFor } from '../../test/support/wait.ts'
import { READ_ROUND_MS } from './late-reads.ts'
import { MAX_LATE_READ_BYTES, moveToSharedReads, readNow, readSocket } from './socket-reader.ts'
import { SocketSink } from './socket-sink.ts'
import { listenTcp } from './tcp-listener.ts'

type Pair = { client: Socket; accepted: Socket; close(): Promise<void> }

/** A connection, and what the server made of it. */
async function connectPair(onAccept: (socket: Socket) => Socket): Promise<Pair> {
  const sockets: Socket[] = []
  const listener = await listenTcp({ host: '127.0.0.1', port: 0 }, 'a test', (socket) => {
    const used = onAccept(socket)
    used.on('error', () => {})
    sockets.push(used)
  })
  const client = connect({ host: '127.0.0.1', port: listener.address.port })
  onTestFinished(async () => {
    client.destroy()
    sockets[0]?.destroy()
    await listener.close()
  })
  await once(client, 'connect')
  const accepted = await waitFor('the connection', () => sockets[0])
  return { client, accepted, close: () => listener.close() }
}

/** Keeps a copy of all that comes. */
function collect(socket: Socket): { text(): string; buffers: Set<ArrayBufferLike> } {
  const buffers = new Set<ArrayBufferLike>()
  let text = ''
  readSocket(socket, (bytes) => {
    buffers.add(bytes.buffer)
    text += Buffer.from(bytes).toString('latin1')
  })
  return { text: () => text, buffers }
}

const WAYS = [
  ['moved to shared reads', moveToSharedReads],
  ['left as it is', (socket: Socket) => socket],
] as const

it.each(WAYS)(
  'a socket %s gives its bytes in order, stops for a pause, and closes with the peer and the listener',
  async (_kind, onAccept) => {
    const { client, accepted, close } = await connectPair(onAccept)
    const received = collect(accepted)
    client.write('one,')
    await waitFor('the first bytes', () => received.text() === 'one,')
    accepted.pause()
    client.write('two,')
    new SocketSink(accepted).write(Buffer.from('answer'))
    expect(String((await once(client, 'data'))[0])).toBe('answer')
    expect(received.text()).toBe('one,')
    accepted.resume()
    await waitFor('the bytes after the pause', () => received.text() === 'one,two,')
    const closed = once(accepted, 'close')
    client.end('three')
    await closed
    expect(received.text()).toBe('one,two,three')
    await close()
  },
)

it('sockets moved to shared reads read into one buffer, and know their peers', async () => {
  const [first, second] = [await connectPair(moveToSharedReads), await connectPair(moveToSharedReads)]
  const [left, right] = [collect(first.accepted), collect(second.accepted)]
  first.client.write('left')
  second.client.write('right')
  await waitFor('both', () => left.text() === 'left' && right.text() === 'right')
  expect([...left.buffers]).toEqual([...right.buffers])
  expect(first.accepted.remotePort).toBe(first.client.localPort)
  expect(first.accepted.remoteAddress).toBe('127.0.0.1')
})

it.each(WAYS)(
  'of a socket %s nothing is lost that comes before anybody reads, and a second reader takes over',
  async (_kind, onAccept) => {
    const { client, accepted } = await connectPair(onAccept)
    client.write('early')
    await new Promise((resolve) => setImmediate(resolve))
    const early = collect(accepted)
    await waitFor('the early bytes', () => early.text() === 'early')
    const late = collect(accepted)
    client.write('late')
    await waitFor('the late bytes', () => late.text() === 'late')
    expect(early.text()).toBe('early')
  },
)

it('a socket that was read from already is left as it is', async () => {
  const { client, accepted } = await connectPair((socket) => socket)
  client.write('x')
  await once(accepted, 'data')
  expect(moveToSharedReads(accepted)).toBe(accepted)
})

it('a peer that resets the connection closes the moved socket, too', async () => {
  const { client, accepted } = await connectPair(moveToSharedReads)
  collect(accepted)
  client.resetAndDestroy()
  await waitFor('the end', () => accepted.closed)
})

describe('a socket whose next read may be late', () => {
  /** A moved socket, what each of its reads brought, and how late the next may be: by timers that the test moves. */
  async function readLateBy(latenessMs: () => number, quietMs = 60_000): Promise<Pair & { reads: string[] }> {
    const pair = await connectPair(moveToSharedReads)
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    // The server is up for long.
    vi.advanceTimersByTime(60_000)
    const reads: string[] = []
    const onBytes = (bytes: Uint8Array): void => {
      reads.push(Buffer.from(bytes).toString('latin1'))
    }
    readSocket(pair.accepted, onBytes, latenessMs)
    vi.advanceTimersByTime(quietMs)
    pair.client.write('one,')
    await waitFor('the first bytes', () => reads.length === 1)
    return { ...pair, reads }
  }

  /** Comes back when the server has answered another connection: what was written before has reached it, too. */
  async function roundTrip(): Promise<void> {
    const other = await connectPair(moveToSharedReads)
    const { text } = collect(other.accepted)
    other.client.write('other')
    await waitFor('the other connection', () => text() === 'other')
  }

  it('is read again after that time, once for all that came', async () => {
    const { client, reads } = await readLateBy(() => 100)
    client.write('two,')
    await roundTrip()
    client.write('three')
    await roundTrip()
    expect(reads).toEqual(['one,'])
    vi.advanceTimersByTime(100 + READ_ROUND_MS)
    await waitFor('the other bytes', () => reads.length === 2)
    expect(reads).toEqual(['one,', 'two,three'])
  })

  it('is read the sooner the faster its peer sends: what waits must fit into the window of the peer', async () => {
    const { client, reads } = await readLateBy(() => 100)
    client.write(Buffer.alloc(2 * MAX_LATE_READ_BYTES - 1024, '.'))
    await roundTrip()
    vi.advanceTimersByTime(100 + READ_ROUND_MS)
    await waitFor('what was too much to wait after', () => reads.length === 2)
    client.write('two,')
    await waitFor('the bytes after it', () => reads.length === 3)
    client.write('three')
    await roundTrip()
    expect(reads.slice(2)).toEqual(['two,'])
    // In 110 ms came twice as much as may wait, so half of that time is left.
    vi.advanceTimersByTime(60 + READ_ROUND_MS)
    await waitFor('the last bytes', () => reads.length === 4)
    expect(reads[3]).toBe('three')
  })

  it('is read the sooner for it from the beginning', async () => {
    let latenessMs = 0
    const { client, reads } = await readLateBy(() => latenessMs, 10)
    const bytes = 4 * MAX_LATE_READ_BYTES
    client.write(Buffer.alloc(bytes, '.'))
    await waitFor('all of it', () => reads.join('').length === bytes + 'one,'.length)
    latenessMs = 100
    vi.advanceTimersByTime(90)
    const begun = reads.length
    client.write('two,')
    await waitFor('the bytes after it', () => reads.length === begun + 1)
    client.write('three')
    // In 100 ms came four times as much as may wait.
    vi.advanceTimersByTime(25 + READ_ROUND_MS)
    await waitFor('the last bytes', () => reads.at(-1) === 'three')
  })

  it('is read now if somebody asks for it, and as late as before after that', async () => {
    const { client, accepted, reads } = await readLateBy(() => 100)
    client.write('two,')
    await roundTrip()
    expect(reads).toEqual(['one,'])
    vi.advanceTimersByTime(50)
    readNow(accepted)
    await waitFor('the second bytes', () => reads.length === 2)
    client.write('three')
    await roundTrip()
    expect(reads).toEqual(['one,', 'two,'])
    accepted.pause()
    readNow(accepted)
    vi.advanceTimersByTime(1000)
    await roundTrip()
    expect(reads).toEqual(['one,', 'two,'])
  })

  it('is left alone if it was paused meanwhile, and is read by resume', async () => {
    const { client, accepted, reads } = await readLateBy(() => 100)
    accepted.pause()
    client.write('two')
    vi.advanceTimersByTime(1000)
    await roundTrip()
    expect(reads).toEqual(['one,'])
    accepted.resume()
    await waitFor('the other bytes', () => reads.length === 2)
  })

  it('is read on at once when it may no longer be late', async () => {
    let latenessMs = 100
    const { client, reads } = await readLateBy(() => latenessMs)
    latenessMs = 0
    vi.advanceTimersByTime(1000)
    client.write('two')
    await waitFor('the second bytes', () => reads.length === 2)
    client.write('three')
    await waitFor('the third bytes', () => reads.length === 3)
  })
})

import { Socket, type SocketConstructorOpts } from 'node:net'
import { READ_ROUND_MS, readLater } from './late-reads.ts'

/** Every read of every moved socket goes here: what is read is used up before the next read. */
const SHARED_BUFFER_BYTES: number = 64 * 1024

/**
 * No read is put off for so long that more bytes than these would wait for it: they must fit into the smallest window that the system
 * offers a peer, or the peer would be held back.
 */
export const MAX_LATE_READ_BYTES: number = 32 * 1024

let sharedBuffer: Buffer | null = null

type Receiver = (bytes: Uint8Array) => void

/** What is asked after each read: for how long the next one may be put off, ms. */
type Lateness = () => number

/** Who gets what comes, by socket; nobody until it is read. */
type Slot = {
  receiver: Receiver | null
  mayBeLateMs: Lateness | null
  /** What came since a read was last put off, or reading began, bytes, and when that was: so fast the peer sends. */
  bytes: number
  since: number
}

const slots = new WeakMap<Socket, Slot>()

/** What Node's `net` has inside a socket; looked at with care, since it is not documented. */
type SocketInternals = {
  _handle?: { readStop(): number } | null
  _server?: unknown
  server?: unknown
}

/**
 * Makes a socket that a server has just accepted one that allocates nothing for what it reads. Node offers that (`onread`) to
 * sockets that connect, but not to those that are accepted, so the connection moves to a socket made for it; where Node has
 * not what that takes, the socket stays as it is. Measured: a quarter of the processor time of taking a stream in.
 * @param accepted not used by anybody yet; if another socket is returned, not to be used any more
 * @returns the socket to use; it is not read from before `readSocket`
 */
export function moveToSharedReads(accepted: Socket): Socket {
  const internals = accepted as unknown as SocketInternals
  const handle = internals._handle
  // A TLS socket has a handle of its own kind; one that was read from may hold bytes.
  const isPlain = accepted.constructor === Socket && typeof handle?.readStop === 'function'
  if (!isPlain || accepted.destroyed || accepted.readableDidRead || accepted.readableLength > 0) {
    return accepted
  }
  internals._handle = null
  const slot: Slot = { receiver: null, mayBeLateMs: null, bytes: 0, since: 0 }
  sharedBuffer ??= Buffer.allocUnsafeSlow(SHARED_BUFFER_BYTES)
  const options = {
    handle,
    pauseOnCreate: true,
    allowHalfOpen: accepted.allowHalfOpen,
    onread: {
      buffer: sharedBuffer,
      callback(length: number, buffer: Uint8Array) {
        slot.receiver?.(buffer.subarray(0, length))
        const delayMs = putOffMs(slot, length)
        if (delayMs > 0) {
          readLater(socket, delayMs)
        }
        // False stops the reading.
        return delayMs === 0
      },
    },
  }
  const socket = new Socket(options as unknown as SocketConstructorOpts)
  slots.set(socket, slot)
  // The server counts its connections by these, and waits for them when it closes.
  const moved = socket as unknown as SocketInternals
  moved._server = internals._server
  moved.server = internals.server
  internals._server = null
  return socket
}

/**
 * Begins to read a socket. `pause` and `resume` of the socket stop and start that.
 * @param onBytes gets what comes, in a buffer that is valid until it returns; called again with another function, that one
 * gets what comes from then on
 * @param mayBeLateMs asked after each read: for how long the next one may be put off, so that it brings more, ms; each read costs
 * several times what is done with the bytes of a frame. Only sockets with shared reads are put off. Default: not at all
 */
export function readSocket(socket: Socket, onBytes: Receiver, mayBeLateMs: Lateness | null = null): void {
  const slot = slots.get(socket)
  if (slot !== undefined) {
    if (slot.receiver === null) {
      slot.since = performance.now()
    }
    slot.receiver = onBytes
    slot.mayBeLateMs = mayBeLateMs
    socket.resume()
    return
  }
  const own: Slot = { receiver: onBytes, mayBeLateMs, bytes: 0, since: 0 }
  slots.set(socket, own)
  socket.on('data', (bytes: Uint8Array) => own.receiver?.(bytes))
}

/** Does at once a read that was put off, unless the socket is paused. */
export function readNow(socket: Socket): void {
  if (!socket.isPaused()) {
    socket.resume()
  }
}

/** For how long the read after one of `length` bytes is put off, ms: by then no more than `MAX_LATE_READ_BYTES` should have come. */
function putOffMs(slot: Slot, length: number): number {
  const mayBeLateMs = slot.mayBeLateMs?.() ?? 0
  slot.bytes += length
  if (mayBeLateMs === 0 || length >= MAX_LATE_READ_BYTES) {
    return 0
  }
  const now = performance.now()
  const delayMs = Math.min(mayBeLateMs, (MAX_LATE_READ_BYTES * (now - slot.since)) / slot.bytes)
  slot.bytes = 0
  slot.since = now
  return delayMs < READ_ROUND_MS ? 0 : delayMs
}

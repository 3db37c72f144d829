import type { StreamRequest } from '../../../live/index.ts'
import type { MediaPacket } from '../../../rtmp/index.ts'
import { type Upstream, type UpstreamConnection, UpstreamError } from '../upstream.ts'

/** A connection whose packets and end are in the test's hands. */
export class FakeConnection implements UpstreamConnection {
  bytesReceived = 0
  closed = false
  readonly #packets: MediaPacket[] = []
  #error: Error | null = null
  #over = false
  #wake: (() => void) | null = null

  /** A packet comes. */
  send(packet: MediaPacket): void {
    this.bytesReceived += packet.body.length
    this.#packets.push(packet)
    this.#wake?.()
  }

  /** It is lost, or ends in an ordinary way. */
  end(error: Error | null = null): void {
    this.#error = error
    this.#over = true
    this.#wake?.()
  }

  async next(): Promise<MediaPacket | null> {
    while (this.#packets.length === 0 && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const packet = this.#packets.shift()
    if (packet === undefined && this.#error !== null) {
      throw this.#error
    }
    return packet ?? null
  }

  async close(): Promise<void> {
    this.closed = true
    this.end(this.#error)
  }
}

/** Somewhere that has a stream, or has not. */
export class FakeUpstream implements Upstream {
  readonly server: string
  readonly address: string
  readonly asked: StreamRequest[] = []
  readonly connections: FakeConnection[] = []
  /** What it fails with; null if it lets in. */
  fault: UpstreamError | null = null
  /** It lets in only then, though nobody may want it any more. */
  admission: Promise<void> | null = null

  constructor(name: string) {
    this.server = `rtmp://${name}:1935`
    this.address = `${this.server}/live/demo`
  }

  /** The newest connection. */
  get connection(): FakeConnection {
    const newest = this.connections.at(-1)
    if (newest === undefined) {
      throw new Error(`nobody has connected to ${this.server}`)
    }
    return newest
  }

  async connect(asked: StreamRequest, signal: AbortSignal): Promise<UpstreamConnection> {
    this.asked.push(asked)
    if (this.fault !== null) {
      throw this.fault
    }
    if (this.admission !== null) {
      await this.admission
    }
    const connection = new FakeConnection()
    this.connections.push(connection)
    const onAbort = (): void => {
      const { reason } = signal
      connection.end(reason instanceof UpstreamError ? reason : new UpstreamError('refused', 'aborted'))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    return connection
  }
}

import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { SocketSink } from '../../net/index.ts'

const HIGH_WATER_MARK_BYTES = 64 * 1024

/** A socket whose peer takes everything at once, until it is told not to; back-pressure is that of Node's streams. */
export class FakeSocket extends Duplex {
  readonly sink: SocketSink
  /** What `setNoDelay` was called with. */
  readonly noDelays: boolean[] = []
  #taken = ''
  #chunks = 0
  #takes = true
  #filling = false
  #waiting: (() => void)[] = []
  readonly #onTaken: (bytes: Uint8Array) => void

  /** @param onTaken told what the peer gets, when it gets it. Default: `taken` tells it */
  constructor(onTaken: ((bytes: Uint8Array) => void) | null = null) {
    super({ writableHighWaterMark: HIGH_WATER_MARK_BYTES })
    this.#onTaken =
      onTaken ??
      ((bytes) => {
        this.#taken += Buffer.from(bytes).toString()
      })
    // Of a socket, a sink uses what streams have, and the two methods below.
    this.sink = new SocketSink(this as unknown as Socket)
  }

  /** What the peer has got since the last call, padding left out. */
  taken(): string {
    const text = this.#taken.replaceAll(/\.+/g, '')
    this.#taken = ''
    return text.trimEnd()
  }

  /** Writes that have reached the peer. */
  get chunks(): number {
    return this.#chunks
  }

  /** The peer stops taking bytes, and what lies between is full: the sink is blocked. */
  block(): void {
    this.#takes = false
    this.#filling = true
    this.write(new Uint8Array(HIGH_WATER_MARK_BYTES))
    this.#filling = false
  }

  /** The peer stops taking bytes; the sink is blocked when the buffer is full. */
  stopTaking(): void {
    this.#takes = false
  }

  /** The peer takes so many more writes, and then no more. */
  takeWrites(writes: number): void {
    for (let taken = 0; taken < writes; taken++) {
      this.#waiting.shift()?.()
    }
  }

  /** The peer takes everything again. */
  unblock(): void {
    this.#takes = true
    for (const goOn of this.#waiting.splice(0)) {
      goOn()
    }
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    const counts = !this.#filling
    const finish = (): void => {
      if (counts) {
        this.#onTaken(chunk)
        this.#chunks++
      }
      done()
    }
    if (this.#takes) {
      finish()
    } else {
      this.#waiting.push(finish)
    }
  }

  override _read(): void {}

  setNoDelay(noDelay: boolean): this {
    this.noDelays.push(noDelay)
    return this
  }

  destroySoon(): void {
    this.end(() => this.destroy())
  }
}

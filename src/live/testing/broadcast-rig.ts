import { silentLogger, systemClock } from '../../base/index.ts'
import { Broadcast, type BroadcastCounters } from '../broadcast.ts'
import { type BroadcastOptions, defaultBroadcastOptions } from '../broadcast-options.ts'
import type { BroadcastPlayer } from '../broadcast-player.ts'
import { FlushPacer } from '../flush-pacer.ts'
import type { Frame } from '../frame.ts'
import type { EndReason } from '../sink.ts'
import type { StreamState } from '../stream-state.ts'
import { FakeClock } from './fake-clock.ts'
import { FakeSocket } from './fake-socket.ts'
import { audioVideoState } from './frames.ts'
import { LetterFormat } from './letter-format.ts'

/** A viewer of a `BroadcastRig`, with what it was told. */
export type RigViewer = Readonly<{ socket: FakeSocket; player: BroadcastPlayer; ends: EndReason[] }>

/** A broadcast without a stream: the state, the clock and the players' sockets are in the test's hands. */
export class BroadcastRig {
  readonly format: LetterFormat = new LetterFormat()
  readonly clock: FakeClock = new FakeClock()
  readonly counters: BroadcastCounters = { framesEncoded: 0, bytesEncoded: 0, skips: 0 }
  readonly pacer: FlushPacer = new FlushPacer({
    logger: silentLogger,
    clock: systemClock,
    utilisation: () => this.utilisation,
  })
  readonly broadcast: Broadcast
  state: StreamState = audioVideoState
  /** Share of time the event loop is busy. */
  utilisation = 0
  bytesSent = 0
  timesEmpty = 0

  constructor(options: Partial<BroadcastOptions> = {}) {
    this.broadcast = new Broadcast({
      format: this.format,
      options: { ...defaultBroadcastOptions, ...options },
      pacer: this.pacer,
      clock: this.clock,
      counters: this.counters,
      state: () => this.state,
      onSent: (bytes) => {
        this.bytesSent += bytes
      },
      onEmpty: () => {
        this.timesEmpty++
      },
    })
  }

  join(socket: FakeSocket = new FakeSocket()): RigViewer {
    const ends: EndReason[] = []
    const player = this.broadcast.join(socket.sink, { onEnd: (reason) => ends.push(reason) })
    return { socket, player, ends }
  }

  push(...frames: Frame[]): void {
    for (const each of frames) {
      this.broadcast.onFrame(each)
    }
  }
}

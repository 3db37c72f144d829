import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame } from './frame.ts'
import type { Publication } from './publication.ts'
import type { Sink } from './sink.ts'
import type { StreamOptions } from './stream-options.ts'
import { CheckedFormat, CheckedReader, isWhole, numberedBody, numberOf } from './testing/checked-format.ts'
import { FakeSocket } from './testing/fake-socket.ts'
import { StreamRig } from './testing/stream-rig.ts'

const FRAME_MS = 40
const GOP_FRAMES = 8

type Player = Readonly<{ socket: FakeSocket; reader: CheckedReader; leave: () => void }>

/** A stream whose players and keepers check every byte, and that never has the same memory twice in doubt. */
class CheckedStream {
  readonly formats = [new CheckedFormat('one'), new CheckedFormat('other')] as const
  readonly frameMemory = new Set<ArrayBufferLike>()
  readonly #rig: StreamRig
  readonly #players: Player[] = []
  /** Frames that somebody has kept, with their numbers at that time. */
  readonly #kept: Readonly<{ frame: Frame; number: number }>[] = []
  readonly #detach: (() => void)[] = []
  #publication: Publication | null = null
  #next = 0

  constructor(streams: Partial<StreamOptions> = {}) {
    this.#rig = new StreamRig({ mergeWriteMs: 0, queueLengthMs: 2000, gopCache: true }, streams)
    this.#rig.detachSink()
    const { clock } = this.#rig
    const now = clock.now.bind(clock)
    // Every look takes so long that a flush to many players needs several turns.
    clock.now = () => {
      clock.advance(5)
      return now()
    }
  }

  publish(frames: number, sizeOf: (index: number) => number): void {
    this.#publication ??= this.#rig.publish()
    for (let index = 0; index < frames; index++) {
      const number = this.#next++
      const body = numberedBody(number, number % GOP_FRAMES === 0, sizeOf(number))
      this.#publication.write('video', number * FRAME_MS, body)
      // Whoever published it does what he likes with it.
      body.fill(0xdd)
    }
    for (const { body } of this.#rig.stream.gop) {
      this.frameMemory.add(body.buffer)
    }
  }

  unpublish(): void {
    this.#publication?.end({ code: 'unpublished', message: 'it is over' })
    this.#publication = null
  }

  join(format: 0 | 1, blocked = false): void {
    const reader = new CheckedReader()
    const socket = new FakeSocket((bytes) => reader.push(bytes))
    if (blocked) {
      socket.block()
    }
    const player = this.#rig.stream.broadcast(this.formats[format]).join(socket.sink, { onEnd: () => {} })
    this.#players.push({ socket, reader, leave: () => player.leave() })
  }

  player(at: number): Player | undefined {
    return this.#players[at % Math.max(1, this.#players.length)]
  }

  keep(): void {
    const keep = (frame: Frame): void => {
      this.#kept.push({ frame, number: numberOf(frame.body) })
    }
    this.#rig.stream.gop.forEach(keep)
    const sink: Sink = { onFrame: keep, onPublishEnd: () => {}, onEnd: () => {} }
    this.#detach.push(this.#rig.stream.attach(sink))
  }

  keepNoMore(): void {
    this.#detach.shift()?.()
  }

  /** Lets everybody read to the end. @returns what was wrong, and how much was read */
  async faults(): Promise<{ faults: string[]; read: number }> {
    for (let turn = 0; turn < 4; turn++) {
      for (const { socket } of this.#players) {
        socket.unblock()
      }
      await nextTurn()
    }
    const kept = this.#kept.map(({ frame: { body }, number }) =>
      isWhole(body, number) ? null : `frame ${number}, which is kept, has other bytes`,
    )
    const played = this.#players.map(({ reader }) => reader.fault)
    const read = this.#players.reduce((sum, { reader }) => sum + reader.frames, 0)
    return { faults: [...kept, ...played].filter((fault) => fault !== null), read }
  }
}

type Step = (stream: CheckedStream, sizeOf: (index: number) => number) => Promise<void> | void

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.integer({ min: 1, max: 20 }).map(
      (frames): Step =>
        (stream, sizeOf) =>
          stream.publish(frames, sizeOf),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(0, 1).map(
      (format): Step =>
        (stream) =>
          stream.join(format as 0 | 1),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.nat(50).map(
      (at): Step =>
        (stream) =>
          stream.player(at)?.socket.stopTaking(),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.nat(50).map(
      (at): Step =>
        (stream) =>
          stream.player(at)?.socket.unblock(),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.nat(50).map(
      (at): Step =>
        (stream) =>
          stream.player(at)?.leave(),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>((stream) => stream.keep()) },
  { weight: 1, arbitrary: fc.constant<Step>((stream) => stream.keepNoMore()) },
  { weight: 1, arbitrary: fc.constant<Step>((stream) => stream.unpublish()) },
  { weight: 4, arbitrary: fc.constant<Step>(() => nextTurn()) },
)

const SIZES = fc.array(fc.oneof(fc.nat(200), fc.nat(6000), fc.nat(40_000)), { minLength: 1, maxLength: 10 })

describe('memory that is used again', () => {
  it.each([
    ['', {}],
    [', with frames that are put in order', { mixCorrect: true }],
  ])(
    'never changes what somebody reads, whoever comes, lags, keeps frames and leaves%s',
    async (_, streams) => {
      await fc.assert(
        fc.asyncProperty(SIZES, fc.array(steps, { minLength: 10, maxLength: 60 }), async (sizes, list) => {
          const stream = new CheckedStream(streams)
          // More than are written to between two looks at the time.
          for (let players = 0; players < 40; players++) {
            stream.join(players % 4 === 0 ? 1 : 0)
          }
          for (const step of list) {
            await step(stream, (index) => sizes[index % sizes.length] ?? 0)
          }
          expect((await stream.faults()).faults).toEqual([])
        }),
        { numRuns: 20 },
      )
    },
  )

  it('is not that of a player who leaves with bytes on their way', async () => {
    const stream = new CheckedStream()
    stream.join(0)
    stream.join(0)
    stream.publish(4, () => 2000)
    stream.player(1)?.socket.stopTaking()
    stream.publish(10, () => 2000)
    stream.player(1)?.leave()
    for (let second = 0; second < 10; second++) {
      stream.publish(25, () => 2000)
      await nextTurn()
    }
    stream.unpublish()
    const { faults } = await stream.faults()
    expect({ faults, read: stream.player(1)?.reader.frames }).toEqual({ faults: [], read: 14 })
  })

  it('is not that of a GOP which a player could enter at only in the midst of a flush', async () => {
    const stream = new CheckedStream()
    // So many that a flush to them takes three turns; the first of them is blocked, by what else its connection carries.
    for (let players = 0; players < 71; players++) {
      stream.join(0, players === 0)
    }
    const late = stream.player(0)
    stream.publish(1, () => 30_000)
    for (let turn = 0; turn < 4; turn++) {
      await nextTurn()
    }
    // The first turn of this flush has passed it by. Then it gets the GOP, and before the last turn there is the next one.
    stream.publish(1, () => 30_000)
    late?.socket.takeWrites(1)
    for (let turn = 0; turn < 4; turn++) {
      stream.publish(GOP_FRAMES, () => 30_000)
      await nextTurn()
    }
    const { faults } = await stream.faults()
    expect({ faults, read: late?.reader.frames }).toEqual({ faults: [], read: 2 + 4 * GOP_FRAMES })
  })

  it('is not that of what a player has yet to send from before it skipped, though what it skipped is still there', async () => {
    const stream = new CheckedStream()
    // So many that a flush to them takes two turns; the last of them waits for the second.
    for (let players = 0; players < 71; players++) {
      stream.join(0)
    }
    const late = stream.player(70)
    stream.publish(1, () => 100)
    await nextTurn()
    await nextTurn()
    late?.socket.stopTaking()
    stream.publish(1, () => 100)
    await nextTurn()
    await nextTurn()
    // It is not blocked, and has two seconds of media to skip when the second turn comes.
    stream.publish(70, () => 2000)
    await nextTurn()
    // Who was served in the first turn has yet to get what it skipped, so that it is in the log.
    stream.publish(70, () => 2000)
    const { faults } = await stream.faults()
    expect({ faults, gotAll: late?.reader.frames === 142 }).toEqual({ faults: [], gotAll: false })
  })

  it('is not that of frames whose keeper has left', async () => {
    const stream = new CheckedStream()
    stream.publish(4, () => 1000)
    stream.keep()
    stream.publish(4, () => 1000)
    stream.keepNoMore()
    stream.publish(100, () => 1000)
    expect((await stream.faults()).faults).toEqual([])
  })

  it('is all that a stream needs which is only watched', async () => {
    const stream = new CheckedStream()
    for (let players = 0; players < 40; players++) {
      stream.join(0)
    }
    stream.publish(1, () => 2000)
    await nextTurn()
    for (let second = 0; second < 50; second++) {
      stream.publish(25, () => 2000)
      await nextTurn()
      await nextTurn()
    }
    stream.unpublish()
    const { faults, read } = await stream.faults()
    expect({ faults, read }).toEqual({ faults: [], read: 40 * (1 + 50 * 25) })
    // 2.5 MB of frames, of which a GOP has 16 KB.
    expect(stream.frameMemory.size).toBeLessThanOrEqual(6)
    expect(stream.formats[0].memory.size).toBeLessThanOrEqual(8)
  })

  it('is enough, too, where a player never catches up with what it is sent', async () => {
    const stream = new CheckedStream()
    stream.join(0)
    for (let second = 0; second < 50; second++) {
      stream.player(0)?.socket.stopTaking()
      stream.publish(25, () => 2000)
      // All but the last: its socket is never empty.
      stream.player(0)?.socket.takeWrites(second === 0 ? 24 : 25)
      await nextTurn()
    }
    stream.unpublish()
    expect((await stream.faults()).faults).toEqual([])
    expect(stream.formats[0].memory.size).toBeLessThanOrEqual(30)
  })
})

import { createConnection } from 'node:net'
import { type Clock, type Ms, ms, PITHY_WINDOW_MS, systemClock } from '../../../src/base/index.ts'
import { createServer, type Server } from '../../../src/index.ts'
import { RtmpClient } from '../../support/rtmp-client.ts'
import { RecordingLogger } from '../../support/server.ts'
import { waitFor } from '../../support/wait.ts'
import { Random } from './random.ts'
import { Finding } from './target.ts'
import { Viewers } from './viewers.ts'

/** How long a client's connection may take to end after the client's side has ended, ms. */
const MAX_CONNECTION_MS = 20_000
/** Bytes of an answer that are looked at. */
const KEPT_ANSWER_BYTES = 4096
/** Inputs from one look at the witness to the next. */
const INPUTS_PER_WITNESS = 50
/** Inputs from one viewer of HLS to the next; the viewer starts the muxer, which goes on for a while. */
const INPUTS_PER_HLS_VIEWER = 10
/** Inputs from one jump of the clock to the next: few enough that their lines in the log are not cut short. */
const INPUTS_PER_JUMP = 20

/** A viewer of HLS who asks for nothing is gone after less, ms. */
const MAX_HLS_SESSION_MS = 600_000

const HLS_REQUEST = Buffer.from('GET /live/fuzz.m3u8 HTTP/1.1\r\nHost: host\r\nConnection: close\r\n\r\n')

const KEY_FRAME = Uint8Array.of(0x17, 1, 0, 0, 0, 0, 0, 0, 2, 0x65, 0x88)
const INTER_FRAME = Uint8Array.of(0x27, 1, 0, 0, 0, 0, 0, 0, 2, 0x41, 0x9a)

type Witness = Readonly<{ publisher: RtmpClient; player: RtmpClient; viewers: Viewers }>

/** Jumps on now and then, so that the log is not cut short: it is limited in lines by time. */
class JumpingClock implements Clock {
  #aheadMs = 0

  now(): Ms {
    return ms(systemClock.now() + this.#aheadMs)
  }

  wallTime(): Ms {
    return ms(systemClock.wallTime() + this.#aheadMs)
  }

  jump(byMs: number = PITHY_WINDOW_MS): void {
    this.#aheadMs += byMs
  }
}

/**
 * A server in this process that strangers are let loose on, over real sockets, while one publisher (`live/witness`) goes on
 * and its player must get every frame, and players of every kind watch what the strangers publish (`live/fuzz`).
 */
export class Arena {
  readonly #log: RecordingLogger
  readonly #server: Server
  readonly #witness: Witness
  readonly #clock: JumpingClock
  #framesSent = 0
  #inputs = 0

  private constructor(clock: JumpingClock, server: Server, log: RecordingLogger, witness: Witness) {
    this.#clock = clock
    this.#server = server
    this.#log = log
    this.#witness = witness
  }

  /** Starts the server and the witness. */
  static async start(): Promise<Arena> {
    const log = new RecordingLogger()
    const clock = new JumpingClock()
    const server = await createServer({
      // The witness is silent while others are looked at.
      rtmp: {
        port: 0,
        mediaTimeoutMs: 600_000,
        firstMediaTimeoutMs: 600_000,
        // Players get all that strangers publish, instead of being told that they can't take it.
        sendUnannouncedCodecs: true,
      },
      http: { port: 0, page: false },
      // However busy this process is, the witness's player gets every frame at once.
      broadcast: { minLatency: true },
      // Where strangers speak HTTP only, nobody publishes again: the players must wait however long the run is.
      streams: { lingerMs: 0, takeoverSilenceMs: 0, publisherGraceMs: Number.POSITIVE_INFINITY },
      logger: log,
      clock,
    })
    const publisher = await RtmpClient.connect(server.rtmpUrl, { keepMessages: true })
    await publisher.publish('live/witness')
    const player = await RtmpClient.connect(server.rtmpUrl)
    await player.play('live/witness')
    const viewers = await Viewers.start(server.rtmpUrl, server.httpUrl, 'live/fuzz')
    return new Arena(clock, server, log, { publisher, player, viewers })
  }

  /** Ends all of it. */
  async stop(): Promise<void> {
    const { publisher, player, viewers } = this.#witness
    try {
      await this.#checkWitness()
      await Promise.all([publisher.destroy(), player.destroy(), viewers.stop()])
      await waitFor('the end of all connections', () => this.#server.rtmpConnections === 0)
      this.#clock.jump(MAX_HLS_SESSION_MS)
      await waitFor('the end of all streams', () => this.#server.streams.length === 0)
    } finally {
      await this.#server.close()
    }
  }

  /**
   * Sends an input as a client that then ends its side, waits for the server to end the other, and looks for faults.
   * @returns what came of it: the server's reason, or the beginning of its answer
   */
  async check(protocol: 'rtmp' | 'http', input: Uint8Array): Promise<string> {
    const { port } = new URL(protocol === 'rtmp' ? this.#server.rtmpUrl : this.#server.httpUrl)
    this.#inputs++
    if (this.#inputs % INPUTS_PER_JUMP === 0) {
      this.#clock.jump()
    }
    if (this.#inputs % INPUTS_PER_HLS_VIEWER === 0) {
      await exchange(Number(new URL(this.#server.httpUrl).port), HLS_REQUEST)
    }
    const answer = await exchange(Number(port), input)
    if (this.#inputs % INPUTS_PER_WITNESS === 0) {
      await this.#checkWitness()
    }
    const lines = this.#log.lines.splice(0)
    const fault = lines.find(({ level }) => level === 'error')
    if (fault !== undefined) {
      throw new Finding(`the server logged a fault: ${fault.message}`, { cause: fault.fields.error })
    }
    const uncoded = lines.find(
      ({ message, level, fields }) =>
        message === 'connection closed' && level === 'warn' && fields.code === undefined,
    )
    if (uncoded !== undefined) {
      throw new Finding(`a connection was closed without a code: ${JSON.stringify(uncoded.fields)}`)
    }
    const reasons = lines
      .filter(({ level }) => level === 'warn')
      .map(({ fields }) => `${fields.code ?? ''} ${fields.reason ?? ''}`)
    const status = protocol === 'http' ? answer.toString('latin1', 0, 12) : ''
    return `${status} ${reasons
      .join()
      .replace(/'[^']*'/g, "''")
      .replace(/0x[0-9a-f]+|\d+/gi, '#')}`
  }

  /** The witness publishes on, and its player gets all of it. */
  async #checkWitness(): Promise<void> {
    const { publisher, player, viewers } = this.#witness
    viewers.check()
    const before = player.media.length
    const bodies = [KEY_FRAME, INTER_FRAME, INTER_FRAME]
    for (const body of bodies) {
      publisher.sendVideo(this.#framesSent++ * 40, body)
    }
    await player.waitForMedia(before + bodies.length)
    player.messages.length = 0
  }
}

/** Sends an input in a few pieces and ends; resolves with the beginning of the answer when the connection is over. */
async function exchange(port: number, input: Uint8Array): Promise<Buffer> {
  const random = Random.of(input)
  const received: Buffer[] = []
  let kept = 0
  // Many addresses of this machine, so that ports do not run out and no one of them is known for what it did.
  const localAddress =
    process.platform === 'linux' ? `127.1.${random.below(256)}.${1 + random.below(254)}` : '127.0.0.1'
  const socket = createConnection({ port, host: '127.0.0.1', localAddress, noDelay: true })
  socket.on('data', (bytes) => {
    if (kept < KEPT_ANSWER_BYTES) {
      received.push(bytes)
      kept += bytes.length
    }
  })
  // A reset is one of the ways in which a server ends.
  socket.on('error', () => {})
  let timer: NodeJS.Timeout | undefined
  const closed = new Promise<boolean>((resolve) => {
    socket.once('close', () => resolve(true))
    timer = setTimeout(() => resolve(false), MAX_CONNECTION_MS)
  })
  const cut = random.below(input.length + 1)
  socket.write(input.subarray(0, cut))
  socket.end(input.subarray(cut))
  const inTime = await closed
  clearTimeout(timer)
  if (!inTime) {
    socket.destroy()
    throw new Finding(`the connection is open ${MAX_CONNECTION_MS} ms after the client ended its side`)
  }
  return Buffer.concat(received)
}

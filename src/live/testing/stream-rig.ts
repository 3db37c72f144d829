import { silentLogger, systemClock } from '../../base/index.ts'
import type { BroadcastOptions } from '../broadcast-options.ts'
import { FlushPacer } from '../flush-pacer.ts'
import type { Publication } from '../publication.ts'
import type { EndReason } from '../sink.ts'
import { Stream } from '../stream.ts'
import { parseStreamName } from '../stream-name.ts'
import type { StreamOptions } from '../stream-options.ts'
import { FakeClock } from './fake-clock.ts'
import { FakeSocket } from './fake-socket.ts'
import { tagBody } from './frames.ts'
import { LetterFormat } from './letter-format.ts'
import { RecordingSink } from './recording-sink.ts'
import { RecordingSource, streamRequest } from './requests.ts'
import { vhostWith } from './vhosts.ts'

/** A stream without a registry, with one sink attached from the start. */
export class StreamRig {
  readonly clock: FakeClock = new FakeClock()
  readonly format: LetterFormat = new LetterFormat()
  readonly sink: RecordingSink = new RecordingSink()
  readonly stream: Stream
  readonly ended: EndReason[] = []
  readonly detachSink: () => void
  released = 0

  constructor(broadcast: Partial<BroadcastOptions> = {}, streams: Partial<StreamOptions> = {}) {
    this.stream = new Stream({
      name: parseStreamName('live/demo'),
      vhost: vhostWith({ gopCacheMaxFrames: 100, ...streams }, broadcast),
      clock: this.clock,
      pacer: new FlushPacer({ logger: silentLogger, clock: systemClock }),
      onReleased: () => {
        this.released++
      },
      onEnded: (reason) => this.ended.push(reason),
    })
    this.detachSink = this.stream.attach(this.sink)
  }

  publish(id: string = 'p1', source: RecordingSource = new RecordingSource()): Publication {
    return this.stream.publish(streamRequest(id), source)
  }

  /** A player of the stream's broadcast. */
  play(socket: FakeSocket = new FakeSocket()): { socket: FakeSocket; ends: EndReason[]; leave: () => void } {
    const ends: EndReason[] = []
    const player = this.stream
      .broadcast(this.format)
      .join(socket.sink, { onEnd: (reason) => ends.push(reason) })
    return { socket, ends, leave: () => player.leave() }
  }
}

/** Writes sequence headers, a keyframe, audio and a picture, `at` ms from the publisher's 0 on. */
export function writeGop(publication: Publication, at: number = 0): void {
  publication.write('video', at, tagBody.avcHeader())
  publication.write('audio', at, tagBody.aacHeader())
  publication.write('video', at, tagBody.keyframe())
  publication.write('audio', at + 3, tagBody.aac())
  publication.write('video', at + 40, tagBody.interFrame())
}

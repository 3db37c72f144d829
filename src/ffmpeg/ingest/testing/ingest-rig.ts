import { type Clock, type Logger, silentLogger, systemClock } from '../../../base/index.ts'
import {
  defaultVhost,
  LiveService,
  noStreamEvents,
  openAdmission,
  type Publication,
  parseStreamName,
  type Stream,
  StreamRegistry,
  type StreamRequest,
  Vhosts,
} from '../../../live/index.ts'
import type { EngineOptions } from '../../engine/index.ts'
import { FakePass } from '../../testing/fake-pass.ts'
import { FakePrograms } from '../../testing/fake-programs.ts'
import { COPY_ENGINE, type IngestVhost } from '../ingest-job.ts'
import { IngestService } from '../ingest-service.ts'
import type { IngestOptions } from '../options.ts'

/** The port that stands for `[port]`. */
export const RTMP_PORT = 1935

/** An engine that copies to `rtmp://127.0.0.1:[port]/live/{stream}`, with some options of its own. */
export function engineTo(stream: string, options: Partial<EngineOptions> = {}): EngineOptions {
  return { ...COPY_ENGINE, output: `rtmp://127.0.0.1:[port]/live/${stream}`, ...options }
}

/** A camera that becomes live/cam, with some options of its own. */
export function camera(options: Partial<IngestOptions> = {}): IngestOptions {
  return {
    id: 'cam',
    type: 'stream',
    url: 'rtsp://192.0.2.7/stream',
    ffmpeg: null,
    onDemand: false,
    idleMs: 10_000,
    engines: [engineTo('cam')],
    ...options,
  }
}

/** The default virtual host with these ingests. */
export function vhostOf(...ingest: readonly IngestOptions[]): IngestVhost {
  return { ...defaultVhost, ingest }
}

/** An ingest service at a live service, whose programs are in the test's hands. */
export class IngestRig {
  readonly vhosts: Vhosts<IngestVhost>
  readonly live: LiveService
  readonly programs: FakePrograms = new FakePrograms()
  readonly service: IngestService
  /** What engines make of live/cam. */
  made: readonly string[] = []
  #lastViewer = 0

  constructor(
    vhosts: readonly IngestVhost[],
    { clock = systemClock, logger = silentLogger }: Readonly<{ clock?: Clock; logger?: Logger }> = {},
  ) {
    this.vhosts = new Vhosts(vhosts)
    this.live = new LiveService({
      registry: new StreamRegistry({ vhosts: this.vhosts, clock }),
      admission: openAdmission,
      events: noStreamEvents,
      logger: silentLogger,
      clock,
    })
    this.service = new IngestService({
      live: this.live,
      vhosts: this.vhosts,
      rtmpPort: () => RTMP_PORT,
      isOurs: ({ host, port }) => host === '127.0.0.1' && port === RTMP_PORT,
      programs: this.programs,
      madeOf: (name) => (name.stream === 'cam' ? this.made.map((path) => parseStreamName(path)) : []),
      ffmpegLogLevel: () => 'info',
      passFor: () => new FakePass('p', () => false),
      clock,
      logger,
    })
    this.live.supply = this.service
  }

  /** The streams that programs run for, as of now. */
  get running(): string[] {
    return this.programs.statuses.map(({ stream }) => stream)
  }

  /** Puts these virtual hosts in force. */
  reload(...vhosts: readonly IngestVhost[]): void {
    this.vhosts.replace(vhosts)
    this.live.registry.update()
    this.service.update()
  }

  /** Somebody watches. @returns leaves */
  async watch(path = 'live/cam'): Promise<Readonly<{ stream: Stream; leave: () => void }>> {
    const viewing = await this.live.play(requestOf(path, `v${++this.#lastViewer}`))
    return { stream: viewing.stream, leave: () => viewing.end({ code: 'closed', message: 'left' }) }
  }

  /** An engine of this server watches. @returns leaves */
  async watchAsEngine(path = 'live/cam'): Promise<() => void> {
    const viewing = await this.live.play({ ...requestOf(path, `v${++this.#lastViewer}`), pass: 'p' })
    return () => viewing.end({ code: 'closed', message: 'left' })
  }

  /** Somebody publishes. */
  publish(path = 'live/cam', id = 'c1'): Promise<Publication> {
    return this.live.publish(requestOf(path, id), { onRevoked: () => {} })
  }
}

/** What a client asks. */
export function requestOf(path: string, id: string): StreamRequest {
  return {
    name: parseStreamName(path),
    client: { id, protocol: 'rtmp', address: '192.0.2.1' },
    vhost: '',
    parameters: new URLSearchParams(),
    param: '',
    tcUrl: '',
    pageUrl: '',
  }
}

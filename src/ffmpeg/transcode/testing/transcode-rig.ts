import { type Clock, silentLogger, systemClock } from '../../../base/index.ts'
import {
  defaultVhost,
  LiveService,
  noStreamEvents,
  openAdmission,
  type Publication,
  parseStreamName,
  type StreamName,
  StreamRegistry,
  type StreamRequest,
  Vhosts,
} from '../../../live/index.ts'
import { defaultEngineOptions, type EngineOptions } from '../../engine/index.ts'
import { FakePass } from '../../testing/fake-pass.ts'
import { FakePrograms } from '../../testing/fake-programs.ts'
import type { TranscodeOptions } from '../options.ts'
import type { TranscodeVhost } from '../setup.ts'
import { TranscodeService } from '../transcode-service.ts'

/** An engine that copies to `{stream}_{name}` beside its source, with some options of its own. */
export function engineCalled(name: string, options: Partial<EngineOptions> = {}): EngineOptions {
  const output = 'rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine]'
  return { ...defaultEngineOptions, name, videoCodec: 'copy', audioCodec: 'copy', output, ...options }
}

/** The default virtual host with these blocks. */
export function vhostWith(...transcode: readonly Partial<TranscodeOptions>[]): TranscodeVhost {
  const blocks = transcode.map((block) => ({ scope: '', ffmpeg: null, engines: [], ...block }))
  return { ...defaultVhost, transcode: blocks }
}

/** A transcode service at a live service, whose programs are in the test's hands. */
export class TranscodeRig {
  readonly vhosts: Vhosts<TranscodeVhost>
  readonly registry: StreamRegistry
  readonly live: LiveService
  readonly programs: FakePrograms = new FakePrograms()
  readonly service: TranscodeService
  /** Lines of the log. */
  readonly told: string[] = []
  /** The passes that were issued. */
  readonly passes: FakePass[] = []
  /** The roles for which they are needed. */
  readonly passesFor: Set<'publish' | 'play'> = new Set()
  /** The encoders that FFmpeg has. */
  encoders: ReadonlySet<string> | null = null
  /** Where FFmpeg connects to; an error is thrown. */
  address: { host: string; port: number } | Error = { host: '127.0.0.1', port: 1935 }

  constructor(vhosts: readonly TranscodeVhost[], clock: Clock = systemClock) {
    this.vhosts = new Vhosts(vhosts)
    this.registry = new StreamRegistry({ vhosts: this.vhosts, clock })
    this.live = new LiveService({
      registry: this.registry,
      admission: openAdmission,
      events: {
        ...noStreamEvents,
        onPublish: async (request) => this.service.begin(request),
        onUnpublish: async (request) => this.service.end(request),
      },
      logger: silentLogger,
      clock,
    })
    const tell = (fields: object, text: string): void => {
      this.told.push([text, ...Object.values(fields)].join(' | '))
    }
    this.service = new TranscodeService({
      registry: this.registry,
      vhosts: this.vhosts,
      nameStream: (vhost, path) => this.live.nameStream(vhost, path),
      programs: this.programs,
      address: () => {
        if (this.address instanceof Error) {
          throw this.address
        }
        return this.address
      },
      isOurs: ({ host, port }) => host === '127.0.0.1' && port === 1935,
      passFor: (action, name) => this.#passFor(action, name),
      encodersOf: async () => this.encoders,
      clock,
      logger: { ...silentLogger, warn: tell, info: tell },
    })
  }

  /** What runs now: `stream engine`. */
  get running(): string[] {
    return this.programs.statuses.map(({ stream, name }) => `${stream} ${name}`)
  }

  /** What the newest program is told. */
  get args(): string {
    return this.programs.newest.task.command().args.join(' ')
  }

  /** Puts these virtual hosts in force. */
  reload(...vhosts: readonly TranscodeVhost[]): void {
    this.vhosts.replace(vhosts)
    this.registry.update()
    this.service.update()
  }

  /** Somebody publishes. */
  publish(path: string, request: Partial<StreamRequest> = {}): Promise<Publication> {
    return this.live.publish(requestOf(path, request), { onRevoked: () => {} })
  }

  /** Somebody watches. @returns leaves */
  async watch(path: string): Promise<() => void> {
    const viewing = await this.live.play(requestOf(path))
    return () => viewing.end({ code: 'closed', message: 'left' })
  }

  #passFor(action: 'publish' | 'play', name: StreamName): FakePass {
    const pass = new FakePass(`${action}-${name.stream}`, () => this.passesFor.has(action))
    this.passes.push(pass)
    return pass
  }
}

let lastId = 0

/** What a client asks. */
export function requestOf(path: string, request: Partial<StreamRequest> = {}): StreamRequest {
  return {
    name: parseStreamName(path),
    client: { id: `c${++lastId}`, protocol: 'rtmp', address: '192.0.2.1' },
    vhost: '',
    parameters: new URLSearchParams(),
    param: '',
    tcUrl: '',
    pageUrl: '',
    ...request,
  }
}

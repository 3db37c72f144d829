import type { Logger } from '../../src/base/index.ts'
import { createServer, type Server, type ServerOptions } from '../../src/index.ts'
import type { CertificateOptions } from '../../src/net/index.ts'

/** Where helpers leave what must be done after the test: a vitest test context, or anything like it. */
export type Scope = Readonly<{
  /** Runs after the test, last registered first. */
  onTestFinished(clean: () => Promise<void> | void): void
}>

/** A scope for a whole file: `beforeAll` fills it, `afterAll` calls `clean`. */
export class FileScope implements Scope {
  readonly #cleaners: (() => Promise<void> | void)[] = []

  onTestFinished(clean: () => Promise<void> | void): void {
    this.#cleaners.push(clean)
  }

  /** Undoes everything, last registered first. */
  async clean(): Promise<void> {
    for (const clean of this.#cleaners.splice(0).reverse()) {
      await clean()
    }
  }
}

/** One line of the server's log. */
export type LogLine = Readonly<{
  level: 'debug' | 'info' | 'warn' | 'error'
  message: string
  fields: Readonly<Record<string, unknown>>
}>

/** A logger that keeps what is logged. */
export class RecordingLogger implements Logger {
  /** Every line so far, of this logger and its children. */
  readonly lines: LogLine[]
  readonly #bindings: Record<string, unknown>

  constructor(lines: LogLine[] = [], bindings: Record<string, unknown> = {}) {
    this.lines = lines
    this.#bindings = bindings
  }

  debug(fields: object, message: string): void {
    this.#add('debug', fields, message)
  }

  info(fields: object, message: string): void {
    this.#add('info', fields, message)
  }

  warn(fields: object, message: string): void {
    this.#add('warn', fields, message)
  }

  error(fields: object, message: string): void {
    this.#add('error', fields, message)
  }

  child(bindings: Record<string, unknown>): RecordingLogger {
    return new RecordingLogger(this.lines, { ...this.#bindings, ...bindings })
  }

  /** Lines with that message. */
  withMessage(message: string): LogLine[] {
    return this.lines.filter((line) => line.message === message)
  }

  /** Faults of the server itself. There should be none, whatever clients do. */
  get errors(): LogLine[] {
    return this.lines.filter((line) => line.level === 'error')
  }

  #add(level: LogLine['level'], fields: object, message: string): void {
    this.lines.push({ level, message, fields: { ...this.#bindings, ...fields } })
  }
}

/** A server under test, on free ports of 127.0.0.1. */
export type TestServer = Readonly<{
  server: Server
  log: RecordingLogger
  /** `rtmp://127.0.0.1:port` */
  rtmpUrl: string
  /** `http://127.0.0.1:port` */
  httpUrl: string
  /** `ws://127.0.0.1:port` */
  wsUrl: string
}>

/** Listener options apart from where: that is always a free port of 127.0.0.1. */
export type TestServerOptions = Omit<ServerOptions, 'rtmp' | 'rtmps' | 'http' | 'https' | 'logger'> & {
  rtmp?: Omit<NonNullable<ServerOptions['rtmp']>, 'port' | 'host'>
  http?: Omit<NonNullable<ServerOptions['http']>, 'port' | 'host'>
  /** With it, RTMPS and HTTPS are listened for, too. */
  tls?: CertificateOptions
}

/**
 * What a server of the tests bears unless told otherwise: on a busy machine programs wait for a core, and are neither silent, nor too
 * slow, nor gone because of that.
 */
export const PATIENCE = {
  rtmp: { firstMediaTimeoutMs: 600_000, mediaTimeoutMs: 600_000 },
  broadcast: { queueLengthMs: 600_000 },
  hls: { windowMs: 120_000 },
} as const

/** Starts a server that is patient; it is closed after the test, which fails if the server logged a fault of its own. */
export async function startServer(scope: Scope, options: TestServerOptions = {}): Promise<TestServer> {
  const log = new RecordingLogger()
  const { tls, ...rest } = options
  const secured =
    tls === undefined ? {} : { rtmps: { port: 0, ...tls }, https: { page: false, port: 0, ...tls } }
  const server = await createServer({
    ...rest,
    ...secured,
    rtmp: { ...PATIENCE.rtmp, ...options.rtmp, port: 0 },
    broadcast: { ...PATIENCE.broadcast, ...options.broadcast },
    hls: { ...PATIENCE.hls, ...options.hls },
    http: { page: false, ...options.http, port: 0 },
    logger: log,
  })
  scope.onTestFinished(async () => {
    await server.close()
    if (log.errors.length > 0) {
      throw new Error(`the server logged faults: ${log.errors.map(describeLine).join('; ')}`)
    }
  })
  const { rtmpUrl, httpUrl } = server
  return { server, log, rtmpUrl, httpUrl, wsUrl: httpUrl.replace(/^http/, 'ws') }
}

function describeLine({ message, fields }: LogLine): string {
  const { error, ...rest } = fields
  return `${message} ${JSON.stringify(rest)} ${error instanceof Error ? error.stack : ''}`
}

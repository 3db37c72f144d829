import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { REPOSITORY } from './files.ts'

/** How long a server has to end when it is asked to, ms; then it is killed. */
const STOP_TIMEOUT_MS = 15_000
/** Lines kept of what it writes, for when it fails. */
const KEPT_LINES = 20

/** As `npm start` has them. */
const NODE_OPTIONS = ['--max-semi-space-size=8', '--v8-pool-size=1']

/** Where a server of the demo is found. */
export type DemoAddresses = Readonly<{
  /** `host:port`, as clients on this machine reach it. */
  rtmp: string
  /** `http://host:port` of the streams. */
  http: string
  /** `http://host:port` of the page and the API. */
  api: string
}>

/** One server of the demo, in a process of its own. */
export class DemoServer {
  /** Resolves when its process has ended; then `lastLines` say why. */
  readonly ended: Promise<void>
  readonly #child: ChildProcess
  readonly #addresses = Promise.withResolvers<DemoAddresses>()
  #output = ''
  #hasEnded = false

  /**
   * Starts it.
   * @param config path of its configuration
   */
  constructor(config: string) {
    // A process group of its own: Ctrl-C at a terminal reaches the demo, which ends its servers in order.
    this.#child = spawn(
      process.execPath,
      [...NODE_OPTIONS, join(REPOSITORY, 'src/cli/main.ts'), '-c', config],
      {
        cwd: REPOSITORY,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, SRS_SRS_LOG_LEVEL: 'warn' },
      },
    )
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#read(text))
    }
    this.ended = once(this.#child, 'close').then(() => {
      this.#hasEnded = true
      this.#addresses.reject(new Error(`a server of the demo did not start:\n${this.lastLines}`))
    })
    this.#addresses.promise.catch(() => {})
  }

  /** Where it listens; rejects if it can't be started. */
  get addresses(): Promise<DemoAddresses> {
    return this.#addresses.promise
  }

  /** What it has written last. */
  get lastLines(): string {
    return this.#output.trim().split('\n').slice(-KEPT_LINES).join('\n')
  }

  /** Ends it, and waits for that. Idempotent. */
  async stop(): Promise<void> {
    if (this.#hasEnded) {
      return
    }
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await this.ended
    clearTimeout(timer)
  }

  #read(text: string): void {
    this.#output = `${this.#output}${text}`
      .split('\n')
      .slice(-KEPT_LINES - 1)
      .join('\n')
    const listening = /Listening on +(.*)\n/.exec(this.#output)?.[1]
    if (listening !== undefined) {
      this.#addresses.resolve({
        rtmp: addressFor('RTMP', listening),
        http: `http://${addressFor('HTTP', listening)}`,
        api: `http://${addressFor('API', listening)}`,
      })
    }
  }
}

/** Out of `0.0.0.0:1935 (RTMP), [::]:8080 (HTTP)`. */
function addressFor(purpose: string, listening: string): string {
  const address = new RegExp(`(\\S+) \\(${purpose}\\)`).exec(listening)?.[1] ?? ''
  return address.replace(/^(0\.0\.0\.0|\[::\])/, '127.0.0.1')
}

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ReloadPlan, ServerOptions, ServerSettings } from '../../src/index.ts'
import { type LogLine, PATIENCE, type Scope } from './server.ts'

/** What is asked of the process. */
export type ChildQuestion = 'state' | 'close' | Readonly<{ reload: ServerSettings }>

/** Its first answer: where it listens. */
type Addresses = Readonly<{ rtmpUrl: string; httpUrl: string }>

/** How the process is, after a garbage collection. */
export type ServerProcessState = Readonly<{
  /** Resident memory, bytes. */
  rssBytes: number
  /** Live JavaScript heap and buffers, bytes. */
  usedBytes: number
  /** What keeps the process running, by kind: `process.getActiveResourcesInfo()`. */
  resources: Readonly<Record<string, number>>
  log: readonly LogLine[]
}>

/** What it answers. */
export type ChildAnswer = Addresses | ServerProcessState | ReloadPlan

/** A server in a process of its own. */
export class ServerProcess {
  readonly rtmpUrl: string
  readonly httpUrl: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, { rtmpUrl, httpUrl }: Addresses) {
    this.#child = child
    this.rtmpUrl = rtmpUrl
    this.httpUrl = httpUrl
  }

  /** Starts it on free ports of 127.0.0.1; ended after the test. */
  static async start(scope: Scope, options: Omit<ServerOptions, 'rtmp' | 'http'>): Promise<ServerProcess> {
    const rtmp = { ...PATIENCE.rtmp, port: 0 }
    const whole: ServerOptions = { ...options, rtmp, http: { port: 0, page: false } }
    const script = fileURLToPath(new URL('./server-child.ts', import.meta.url))
    const child = fork(script, [JSON.stringify(whole)], { execArgv: ['--expose-gc'] })
    const exited = once(child, 'exit')
    scope.onTestFinished(async () => {
      child.kill('SIGKILL')
      await exited
    })
    const [addresses] = await once(child, 'message')
    return new ServerProcess(child, addresses as Addresses)
  }

  /** `ws://127.0.0.1:port` */
  get wsUrl(): string {
    return this.httpUrl.replace(/^http/, 'ws')
  }

  /** Collects garbage and tells how it is. */
  async state(): Promise<ServerProcessState> {
    this.#ask('state')
    const [state] = await once(this.#child, 'message')
    return state as ServerProcessState
  }

  /** Reloads the server. */
  async reload(settings: ServerSettings): Promise<ReloadPlan> {
    this.#ask({ reload: settings })
    const [plan] = await once(this.#child, 'message')
    return plan as ReloadPlan
  }

  /** Closes the server; resolves with the process's exit code, when nothing keeps it running any more. */
  async close(): Promise<number | null> {
    const exited = once(this.#child, 'exit')
    this.#ask('close')
    const [code] = await exited
    return code as number | null
  }

  #ask(question: ChildQuestion): void {
    this.#child.send(question)
  }
}

import { type Clock, type Logger, toError } from '../../base/index.ts'
import { type StreamRequest, streamKey, type Vhost, type VhostFinder } from '../../live/index.ts'
import type { ProgramSupervisor, ProgramTask } from '../program/index.ts'
import { expandFileName, type VariableValues, variableValuesOf } from '../variables/index.ts'
import { type ExecTemplate, execCommand, readExecTemplate } from './exec-command.ts'
import { ExecRun } from './exec-run.ts'
import type { ExecOptions } from './options.ts'

/** A virtual host, as far as programs need it. */
export type ExecVhost = Vhost & Readonly<{ exec: ExecOptions }>

/** What the exec service is made with. */
export type ExecServiceSetup = Readonly<{
  /** Which programs each virtual host runs. */
  vhosts: Pick<VhostFinder<ExecVhost>, 'get'>
  /** Runs them. */
  programs: ProgramSupervisor
  /** Port of this server's first RTMP listener. */
  port: () => number
  /** Whether times in arguments are in UTC. */
  utcTime: () => boolean
  /** Says what time it is. */
  clock: Clock
  /** Told of programs that can't be started for a stream. */
  logger: Logger
}>

/** What becomes of one program of one stream when the settings change. */
export type ExecChange = Readonly<{
  /** Key of the stream. */
  stream: string
  /** The program, without its arguments, which may have secrets. */
  program: string
  /** It goes on, is started or ended. */
  action: 'keep' | 'add' | 'remove'
}>

/** One publication, and the programs that run for it, by their words. */
type Publication = { readonly request: StreamRequest; readonly runs: Map<string, ExecRun> }

/**
 * Runs the programs of a virtual host for each of its streams, for as long as that is published: they end with the publication, as in SRS, and begin
 * anew when the publisher returns, also within the grace period: what they were told of, the client and its query, is gone.
 */
export class ExecService {
  readonly #setup: ExecServiceSetup
  readonly #publications = new Map<StreamRequest, Publication>()
  /** Ends of programs that are not wanted any more, by stream and program: the next one waits for it. */
  readonly #ending = new Map<string, Promise<void>>()

  /** Nothing runs until something is published. */
  constructor(setup: ExecServiceSetup) {
    this.#setup = setup
  }

  /** A publisher begins. */
  begin(request: StreamRequest): void {
    const publication = { request, runs: new Map<string, ExecRun>() }
    this.#publications.set(request, publication)
    this.#update(publication)
  }

  /** A publisher is gone. */
  end(request: StreamRequest): void {
    const publication = this.#publications.get(request)
    if (publication === undefined) {
      return
    }
    this.#publications.delete(request)
    for (const key of publication.runs.keys()) {
      this.#stop(publication, key)
    }
  }

  /** Settings have changed: what is wanted no more ends, what is new begins, and the rest goes on. */
  update(): void {
    for (const publication of this.#publications.values()) {
      this.#update(publication)
    }
  }

  /** What `update` would do if these were the virtual hosts. */
  plan(next: Pick<VhostFinder<ExecVhost>, 'get'>): ExecChange[] {
    return [...this.#publications.values()].flatMap(({ request, runs }) => {
      const stream = streamKey(request.name)
      const wanted = commandsOf(next, request)
      const known = [...runs].map(
        ([key, { program }]): ExecChange => ({
          stream,
          program,
          action: wanted.has(key) ? 'keep' : 'remove',
        }),
      )
      const added = [...wanted].filter(([key]) => !runs.has(key))
      return [
        ...known,
        ...added.map(([, [program = '']]): ExecChange => ({ stream, program, action: 'add' })),
      ]
    })
  }

  /** Ends everything; resolves when nothing is left. */
  async close(): Promise<void> {
    for (const request of this.#publications.keys()) {
      this.end(request)
    }
    await Promise.all(this.#ending.values())
  }

  #update(publication: Publication): void {
    const wanted = commandsOf(this.#setup.vhosts, publication.request)
    for (const key of publication.runs.keys()) {
      if (!wanted.has(key)) {
        this.#stop(publication, key)
      }
    }
    for (const [index, [key, words]] of [...wanted].entries()) {
      if (!publication.runs.has(key)) {
        this.#start(publication, key, words, `${index + 1}`)
      }
    }
  }

  #start({ request, runs }: Publication, key: string, words: readonly string[], number: string): void {
    const { programs, logger } = this.#setup
    const stream = streamKey(request.name)
    try {
      const task = this.#taskOf(request, readExecTemplate(words), number)
      const after = this.#ending.get(`${stream} ${key}`) ?? null
      runs.set(key, new ExecRun({ programs, task, program: words[0] ?? '', after }))
    } catch (error) {
      const { message: reason } = toError(error)
      logger.warn({ stream, program: words[0], client: request.client.id, reason }, 'program not started')
    }
  }

  /** @throws UnusableValueError if what the publisher chose can't be used */
  #taskOf(request: StreamRequest, template: ExecTemplate, number: string): ProgramTask {
    const command = () => execCommand(template, this.#valuesOf(request), request)
    const { standardOutput = '' } = command()
    const { vhost } = request.name
    return {
      kind: 'exec',
      vhost,
      stream: streamKey(request.name),
      name: number,
      output: standardOutput,
      logName: expandFileName(`exec-[vhost]-[app]-[stream]-${number}.log`, this.#valuesOf(request)),
      isFfmpeg: false,
      encoders: [],
      command,
    }
  }

  #valuesOf(request: StreamRequest): VariableValues {
    const { port, clock, utcTime } = this.#setup
    return variableValuesOf(request, { port: port(), time: clock.wallTime(), utc: utcTime() })
  }

  #stop({ request, runs }: Publication, key: string): void {
    const run = runs.get(key)
    runs.delete(key)
    if (run !== undefined) {
      const place = `${streamKey(request.name)} ${key}`
      const ending = run.stop().then(() => {
        if (this.#ending.get(place) === ending) {
          this.#ending.delete(place)
        }
      })
      this.#ending.set(place, ending)
    }
  }
}

/** The programs for a stream, by their words; one that stands there twice runs twice. */
function commandsOf(
  vhosts: Pick<VhostFinder<ExecVhost>, 'get'>,
  { name }: StreamRequest,
): Map<string, readonly string[]> {
  const publish = vhosts.get(name.vhost)?.exec.publish ?? []
  const texts = publish.map((words) => JSON.stringify(words))
  return new Map(
    publish.map((words, index) => {
      const text = texts[index] ?? ''
      const copies = texts.slice(0, index).filter((other) => other === text)
      return [`${copies.length} ${text}`, words]
    }),
  )
}

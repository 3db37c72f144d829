import { DEFAULT_VHOST, type Logger, toError } from '../../base/index.ts'
import {
  type Admission,
  type Decision,
  openAdmission,
  type StreamRegistry,
  type StreamRequest,
  streamKey,
} from '../../live/index.ts'
import type { OriginClusterOptions } from './options.ts'

/** How long another origin may take to say whether it has a stream, ms; then the next one is asked. */
export const COWORKER_TIMEOUT_MS = 2_000

/** For so long an answer counts, ms: many come at once for one stream, and an API takes 50 calls a second. */
export const COWORKER_ANSWER_KEPT_MS = 1_000

/** Bytes of its answer; one that is larger is none. */
export const MAX_COWORKER_ANSWER_BYTES: number = 64 * 1024

/** What an `OriginClusterAdmission` is made with. */
export type OriginClusterSetup = Readonly<{
  /** What is published here. */
  registry: Pick<StreamRegistry, 'get'>
  /** The options of a virtual host, as of now. */
  optionsOf: (vhost: string) => OriginClusterOptions
  /** Told of origins that don't answer. */
  logger: Logger
}>

/** Where an origin has a stream. */
type Origin = Readonly<{ ip: string; port: number }>

/** Sends RTMP players on to the origin of the cluster that has the stream they want. */
export class OriginClusterAdmission implements Admission {
  readonly mayConnect: Admission['mayConnect'] = openAdmission.mayConnect
  readonly mayPublish: Admission['mayPublish'] = openAdmission.mayPublish
  readonly #setup: OriginClusterSetup
  readonly #closing = new AbortController()
  /** What is being asked, or has just been answered. */
  readonly #answers = new Map<string, Promise<Origin | null>>()

  /** Nobody is asked yet. */
  constructor(setup: OriginClusterSetup) {
    this.#setup = setup
  }

  /** Asks one origin after the other. */
  async mayPlay(request: StreamRequest): Promise<Decision> {
    const { registry, optionsOf } = this.#setup
    const { name, client } = request
    const { enabled, coworkers } = optionsOf(name.vhost)
    const isHere = (registry.get(name)?.publication ?? null) !== null
    if (!enabled || isHere || client.protocol !== 'rtmp') {
      return { allowed: true }
    }
    const origin = await this.#originOf(request, coworkers)
    if (origin !== null) {
      const redirect = addressAt(origin, request)
      return { allowed: false, code: 'redirected', reason: `it is at ${origin.ip}:${origin.port}`, redirect }
    }
    const reason = 'it is published neither here nor at another origin of the cluster'
    return { allowed: false, code: 'origin_not_found', reason, srsCode: SRS_NO_ORIGIN }
  }

  /** Gives up what is under way. */
  close(): void {
    this.#closing.abort()
  }

  /** Whoever comes for the same stream at the same time shares the answer. Null if none has it. */
  #originOf(request: StreamRequest, coworkers: readonly string[]): Promise<Origin | null> {
    const key = [...coworkers, streamKey(request.name)].join(' ')
    const known = this.#answers.get(key)
    if (known !== undefined) {
      return known
    }
    const answer = this.#askAll(request, coworkers)
    this.#answers.set(key, answer)
    void answer.then(() => setTimeout(() => this.#answers.delete(key), COWORKER_ANSWER_KEPT_MS).unref())
    return answer
  }

  async #askAll(request: StreamRequest, coworkers: readonly string[]): Promise<Origin | null> {
    for (const coworker of coworkers) {
      const origin = await this.#ask(coworker, request)
      if (origin !== null) {
        return origin
      }
    }
    return null
  }

  /** Null if it has not the stream, or says nothing of use. */
  async #ask(coworker: string, { name, vhost }: StreamRequest): Promise<Origin | null> {
    const { app, stream } = name
    const query = new URLSearchParams({ vhost: name.vhost, ip: vhost, app, stream, coworker })
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(COWORKER_TIMEOUT_MS)])
    try {
      const response = await fetch(`http://${coworker}/api/v1/clusters?${query}`, {
        signal,
        redirect: 'error',
      })
      if (!response.ok) {
        await response.body?.cancel()
        throw new Error(`it answers HTTP ${response.status}`)
      }
      return readOrigin(JSON.parse(await readText(response)))
    } catch (error) {
      if (!this.#closing.signal.aborted) {
        const reason = toError(error).message
        this.#setup.logger.warn({ coworker, reason }, 'an origin of the cluster does not say what it has')
      }
      return null
    }
  }
}

/** ERROR_OCLUSTER_REDIRECT of SRS. */
const SRS_NO_ORIGIN = 3092

/** `{"code":0,"data":{"query":{...},"origin":{"ip":"...","port":1935,...}}}`; `origin` is null if it is not there. */
function readOrigin(answer: unknown): Origin | null {
  const { ip, port } = property(property(answer, 'data'), 'origin') as Partial<Record<'ip' | 'port', unknown>>
  const isRight =
    typeof ip === 'string' && /^[\w.:-]+$/.test(ip) && typeof port === 'number' && port > 0 && port < 65_536
  return isRight ? { ip, port } : null
}

function property(value: unknown, name: string): object {
  const found = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : null
  return typeof found === 'object' && found !== null ? found : {}
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > MAX_COWORKER_ANSWER_BYTES) {
      throw new Error(`its answer has more than MAX_COWORKER_ANSWER_BYTES (${MAX_COWORKER_ANSWER_BYTES})`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The stream there, with the client's own query: that origin asks for tokens, too. */
function addressAt({ ip, port }: Origin, { name, param, parameters }: StreamRequest): string {
  const host = ip.includes(':') ? `[${ip}]` : ip
  const isNamed = parameters.has('vhost') || parameters.has('domain') || name.vhost === DEFAULT_VHOST
  const vhost = isNamed ? '' : `${param === '' ? '?' : '&'}vhost=${name.vhost}`
  return `rtmp://${host}:${port}/${name.app}/${name.stream}${param}${vhost}`
}

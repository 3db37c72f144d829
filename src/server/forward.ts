import { type Clock, type Logger, toError } from '../base/index.ts'
import type { ResolvedVhost } from '../control/index.ts'
import { ForwardService } from '../delivery/index.ts'
import {
  type Admission,
  type Decision,
  noStreamEvents,
  openAdmission,
  type StreamEvents,
  type StreamRegistry,
  type StreamRequest,
  type VhostFinder,
} from '../live/index.ts'
import type { ServerHooks } from './hooks.ts'

/** What forwarding is made with. */
export type ServerForwardSetup = Readonly<{
  registry: StreamRegistry
  vhosts: VhostFinder<ResolvedVhost>
  clock: Clock
  logger: Logger
  /** Who this server is: `LiveService.relayId`. */
  relayId: string
  /** Backends are called as hooks are. */
  hooks: Pick<ServerHooks, 'client' | 'bodies'>
}>

/** Streams on their way to other servers: who is asked where to, and who is told that there is something to send. */
export class ServerForward {
  /** Sends them. */
  readonly service: ForwardService
  /** Asked last about a publisher: where its stream is to be sent. If a backend can't be asked it is refused, as by SRS. */
  readonly admission: Admission
  /** Told of publishers. */
  readonly events: StreamEvents

  /** Nothing is sent until something is published. */
  constructor({ hooks, ...setup }: ServerForwardSetup) {
    const service = new ForwardService({
      ...setup,
      askBackend: (url, request) => askBackend(hooks, url, request),
    })
    this.service = service
    this.admission = { ...openAdmission, mayPublish: (request) => prepare(service, request) }
    this.events = {
      ...noStreamEvents,
      onPublish: async (request) => service.begin(request),
      onUnpublish: async (request) => service.end(request),
    }
  }
}

async function prepare(service: ForwardService, request: StreamRequest): Promise<Decision> {
  try {
    await service.prepare(request)
    return { allowed: true }
  } catch (error) {
    return { allowed: false, code: 'forward_backend', reason: toError(error).message }
  }
}

/** on_forward: `{"code":0,"data":{"urls":["rtmp://host:port/app/stream", ...]}}`; empty ones are skipped. */
async function askBackend(
  { client, bodies }: ServerForwardSetup['hooks'],
  url: string,
  request: StreamRequest,
): Promise<readonly string[]> {
  const answer = await client.call({ event: 'on_forward', url, body: bodies.write('on_forward', request) })
  if (answer.outcome !== 'allowed') {
    throw new Error(answer.reason)
  }
  const { data } = answer
  const urls = typeof data === 'object' && data !== null && 'urls' in data ? data.urls : null
  if (!Array.isArray(urls)) {
    throw new Error('it answered without data.urls, a list of addresses')
  }
  return urls.filter((each): each is string => typeof each === 'string' && each !== '')
}

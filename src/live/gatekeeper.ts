import { RejectedError, type RelayTrail, relayFault, toError } from '../base/index.ts'
import type { StreamRequest } from './client.ts'
import type { LiveReports } from './live-reports.ts'
import type { Admission, Decision, Permission, Refusal } from './ports.ts'
import type { Publication } from './publication.ts'
import type { Client } from './server-client.ts'
import type { StreamRegistry } from './stream-registry.ts'

/** ERROR_RTMP_VHOST_NOT_FOUND of SRS, which has it for one that is switched off, too. */
const SRS_VHOST_NOT_FOUND = 2014

/** What refuses a stream that comes back, for programs. */
const LOOP = { link: 'relay', code: 'relay_loop' } as const

/** What a gatekeeper is made with. */
export type GatekeeperSetup = Readonly<{
  /** Knows the virtual hosts, and from where streams have come. */
  registry: StreamRegistry
  /** Asked about every publisher and player. */
  admission: Admission
  /** Told of who is refused. */
  reports: LiveReports
  /** Who this server is among servers that relay streams; '' if it is none. */
  relayId: string
}>

/** Lets publishers and players in, or refuses them: by their virtual host, by the servers they relay for, then by admission. */
export class Gatekeeper {
  readonly #registry: StreamRegistry
  readonly #admission: Admission
  readonly #reports: LiveReports
  readonly #relayId: string

  /** Made by `LiveService`. */
  constructor({ registry, admission, reports, relayId }: GatekeeperSetup) {
    this.#registry = registry
    this.#admission = admission
    this.#reports = reports
    this.#relayId = relayId
  }

  /** @throws RejectedError with the reason if its virtual host lets nobody in */
  requireVhost(action: Refusal['action'], request: StreamRequest): void {
    const { vhosts } = this.#registry
    const { vhost: name } = request.name
    if (!vhosts.get(name)?.enabled) {
      const denial = vhosts.denial(name, request.vhost)
      throw this.#reports.refused(action, request, {
        allowed: false,
        link: 'vhost',
        srsCode: SRS_VHOST_NOT_FOUND,
        ...denial,
      })
    }
  }

  /**
   * Asks whether a client may connect, once for each virtual host, and whether it may do what it wants.
   * @throws RejectedError with the reason if it may not
   */
  async requireAllowed(
    action: Refusal['action'],
    request: StreamRequest,
    client: Client,
  ): Promise<Permission> {
    this.requireVhost(action, request)
    this.#requireNoLoop(action, request)
    const { vhost } = request.name
    if (!client.connections.some(({ name }) => name.vhost === vhost)) {
      await this.#requireYes(action, request, () => this.#admission.mayConnect(request))
      client.connect(request)
    }
    requirePresent(client)
    const permission = await this.#requireYes(action, request, () =>
      action === 'publish' ? this.#admission.mayPublish(request) : this.#admission.mayPlay(request),
    )
    return permission
  }

  /** Ends a publication whose metadata say that the stream has come through this server. */
  onRelayTrail(request: StreamRequest, publication: Publication, trail: RelayTrail): void {
    const fault = relayFault(trail, this.#relayId)
    if (fault !== null) {
      this.#reports.refused('publish', request, { allowed: false, reason: fault, ...LOOP })
      publication.revoke({ code: 'closed', message: fault })
    }
  }

  async #requireYes(
    action: Refusal['action'],
    request: StreamRequest,
    ask: () => Promise<Decision>,
  ): Promise<Permission> {
    let decision: Decision
    try {
      decision = await ask()
    } catch (error) {
      const cause = toError(error)
      const reason = `admission failed: ${cause.message}`
      throw this.#reports.refused(action, request, { allowed: false, reason, code: 'check_failed' }, cause)
    }
    if (!decision.allowed) {
      throw this.#reports.refused(action, request, decision)
    }
    return decision
  }

  /** A stream never comes back to a server that it has come through. */
  #requireNoLoop(action: Refusal['action'], request: StreamRequest): void {
    const { relayTrail = [] } = request
    const published = this.#registry.get(request.name)?.publication?.relayTrail ?? []
    // Who plays for others must not be one that the stream has come from.
    const backTo = action === 'play' ? relayTrail.find((id) => published.includes(id)) : undefined
    const fault =
      relayFault(relayTrail, this.#relayId) ??
      (backTo === undefined ? null : 'a loop: the stream has come here through the server that asks for it')
    if (fault !== null) {
      throw this.#reports.refused(action, request, { allowed: false, reason: fault, ...LOOP })
    }
  }
}

/** Whether a client was disconnected, or left. */
export function hasLeft({ kickReason, gone }: Client): boolean {
  return gone || kickReason !== null
}

/** @throws RejectedError if the client was disconnected, or left, while admission was asked: it is nobody's refusal */
export function requirePresent({ kickReason, gone }: Client): void {
  if (kickReason !== null) {
    throw new RejectedError(kickReason)
  }
  if (gone) {
    throw new RejectedError('the client left before it was admitted')
  }
}

import { toError } from '../../base/index.ts'
import type { Admission, Decision, Permission, StreamRequest } from '../../live/index.ts'

/** One link of the chain. */
export type AdmissionLink = Readonly<{
  /** Stands in refusals that don't say themselves which check they are of. */
  name: string
  /** Asked when the links before it have allowed. */
  admission: Admission
}>

/**
 * Asks one link after the other: the first refusal counts, a link that fails refuses, and of permissions each thing counts that
 * a later link says.
 */
export class AdmissionChain implements Admission {
  readonly #links: readonly AdmissionLink[]

  /** @param links in the order they are asked */
  constructor(links: readonly AdmissionLink[]) {
    this.#links = links
  }

  /** May this client be here? Never rejects. */
  mayConnect(request: StreamRequest): Promise<Decision> {
    return this.#ask((admission) => admission.mayConnect(request))
  }

  /** May this client publish this stream? Never rejects. */
  mayPublish(request: StreamRequest): Promise<Decision> {
    return this.#ask((admission) => admission.mayPublish(request))
  }

  /** May this client play this stream? Never rejects. */
  mayPlay(request: StreamRequest): Promise<Decision> {
    return this.#ask((admission) => admission.mayPlay(request))
  }

  async #ask(question: (admission: Admission) => Promise<Decision>): Promise<Decision> {
    let permission: Permission = { allowed: true }
    for (const { name, admission } of this.#links) {
      const decision = await ask(name, () => question(admission))
      if (!decision.allowed) {
        const { link = name, code = link } = decision
        return { ...decision, link, code }
      }
      permission = { ...permission, ...decision }
    }
    return permission
  }
}

/** What fails is no yes. */
async function ask(link: string, decide: () => Promise<Decision>): Promise<Decision> {
  try {
    return await decide()
  } catch (error) {
    const reason = `admission failed: ${toError(error).message}`
    return { allowed: false, reason, link, code: 'check_failed' }
  }
}

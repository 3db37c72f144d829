import type { Admission, Decision, StreamName, StreamRequest } from '../../live/index.ts'
import { AccessRules, type AccessRulesSetup } from './access-rules.ts'
import { ALLOWED } from './check.ts'
import type { AccessAction, AccessOptions } from './options.ts'
import { ProgramPasses } from './program-passes.ts'

/** The rules of every virtual host, by its name. */
export type AccessRuleSet = ReadonlyMap<string, AccessRules>

/**
 * Reads the rules of virtual hosts. All that can fail is done here; nothing is in force before `AccessAdmission.use`.
 * @param vhosts with what applies to each
 * @throws ServerError ERR_CONFIGURATION that says what can't be used
 */
export async function loadAccessRules(
  vhosts: readonly Readonly<{ name: string; access: AccessOptions }>[],
  setup: AccessRulesSetup,
): Promise<AccessRuleSet> {
  const entries = vhosts.map(async ({ name, access }) => {
    const where = vhosts.length === 1 ? 'access' : `virtual host ${name}: access`
    return [name, await AccessRules.load(access, where, setup)] as const
  })
  return new Map(await Promise.all(entries))
}

/**
 * Lets in who the rules of the virtual host allow. The rules may be replaced at any time; who is in already stays. What runs in
 * this process is let in: it is the operator's own. A program that this server runs may have a pass.
 */
export class AccessAdmission implements Admission {
  /** Until the first are read, nobody is let in. */
  #rules: AccessRuleSet = new Map()
  readonly #passes: ProgramPasses

  /** @param passes in place of the rules. Default: nobody has one */
  constructor(passes: ProgramPasses = new ProgramPasses(() => false)) {
    this.#passes = passes
  }

  /** Puts rules in force for clients that come from now on. */
  use(rules: AccessRuleSet): void {
    this.#rules = rules
  }

  /** The rules are about what a client does. */
  async mayConnect(): Promise<Decision> {
    return ALLOWED
  }

  /** Asks the rules for publishers. */
  mayPublish(request: StreamRequest): Promise<Decision> {
    return this.#ask('publish', request)
  }

  /** Asks the rules for players. */
  mayPlay(request: StreamRequest): Promise<Decision> {
    return this.#ask('play', request)
  }

  /**
   * Whether a program of this server needs a pass: the rules of the virtual host don't let it in as it comes, with an address alone.
   * @param address from which it connects
   */
  needsPass(action: AccessAction, name: StreamName, address: string): boolean {
    const rules = this.#rules.get(name.vhost)
    const request: StreamRequest = {
      name,
      client: { id: '', protocol: 'rtmp', address },
      vhost: name.vhost,
      parameters: new URLSearchParams(),
      param: '',
      tcUrl: '',
      pageUrl: '',
    }
    return rules !== undefined && !rules.isOpenTo(action, request)
  }

  async #ask(action: AccessAction, request: StreamRequest): Promise<Decision> {
    const { protocol } = request.client
    if (protocol === 'file' || protocol === 'library') {
      return ALLOWED
    }
    if (this.#passes.admits(action, request)) {
      return ALLOWED
    }
    const vhost = request.name.vhost
    const rules = this.#rules.get(vhost)
    if (rules === undefined) {
      throw new Error(`there are no rules for the virtual host ${vhost}`)
    }
    return await rules.check(action, request)
  }
}

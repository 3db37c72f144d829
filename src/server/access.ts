import type { Clock, Logger } from '../base/index.ts'
import {
  AccessAdmission,
  AdmissionChain,
  defaultOriginClusterOptions,
  loadAccessRules,
  OriginClusterAdmission,
  type OriginClusterOptions,
  ProgramPasses,
  Refusals,
  RemoteKeySets,
  type ResolvedVhost,
} from '../control/index.ts'
import type { ChildPass } from '../ffmpeg/index.ts'
import {
  type Admission,
  PASS_PARAMETER,
  type StreamName,
  type StreamRegistry,
  type VhostFinder,
} from '../live/index.ts'
import { isThisMachine } from './own-rtmp.ts'

/** What the access to a server is made with. */
export type ServerAccessSetup = Readonly<{
  clock: Clock
  logger: Logger
  registry: StreamRegistry
  vhosts: VhostFinder<ResolvedVhost>
  /** The program's own functions. */
  program: Admission
  /** HTTP hooks. */
  hooks: Admission
  /** Asked last: where a stream is to be sent. */
  forward: Admission
}>

/** Who may publish and play: the chain that is asked, the rules that it has, and who was refused. */
export class ServerAccess {
  /** Who was refused. */
  readonly refusals: Refusals
  /** Asked about every publisher and player. */
  readonly admission: Admission
  /** Whether a stream is there only while somebody watches it: then programs that play it must be known, for they don't count. */
  isOnDemand: (name: StreamName) => boolean = () => false
  readonly #passes = new ProgramPasses(isThisMachine)
  readonly #rules = new AccessAdmission(this.#passes)
  readonly #keySets: RemoteKeySets
  readonly #cluster: OriginClusterAdmission
  readonly #setup: ServerAccessSetup

  /** Nobody is let in before rules are prepared and in force. */
  constructor(setup: ServerAccessSetup) {
    this.#setup = setup
    this.refusals = new Refusals(setup.clock)
    this.#keySets = new RemoteKeySets(setup.clock, setup.logger)
    const optionsOf = (vhost: string): OriginClusterOptions =>
      setup.vhosts.get(vhost)?.originCluster ?? defaultOriginClusterOptions
    this.#cluster = new OriginClusterAdmission({ ...setup, optionsOf })
    // The cheap checks first, and the network last.
    this.admission = new AdmissionChain([
      { name: 'access', admission: this.#rules },
      // Who is sent on is asked the rest there.
      { name: 'cluster', admission: this.#cluster },
      { name: 'program', admission: setup.program },
      { name: 'hook', admission: setup.hooks },
      { name: 'forward', admission: setup.forward },
    ])
  }

  /**
   * Reads the rules of virtual hosts with the files that they name; what can fail is done here. Those that are in already stay.
   * @returns puts the rules in force
   * @throws ServerError ERR_CONFIGURATION that says what can't be used
   */
  async prepare(vhosts: readonly ResolvedVhost[]): Promise<() => void> {
    const { clock, logger } = this.#setup
    const rules = await loadAccessRules(vhosts, { clock, logger, keySets: this.#keySets })
    return () => this.#rules.use(rules)
  }

  /**
   * A pass for a program of this server that is to publish or play a stream.
   * @param host from which it connects, asked for when it matters
   */
  passFor(action: 'publish' | 'play', name: StreamName, host: () => string): ChildPass {
    const pass = this.#passes.issue(action, name)
    return {
      ...pass,
      parameter: `${PASS_PARAMETER}=${pass.word}`,
      isNeeded: () =>
        (action === 'play' && this.isOnDemand(name)) ||
        this.#rules.needsPass(action, name, host().replace(/^\[|\]$/g, '')),
    }
  }

  /** Ends what is being fetched. */
  close(): void {
    this.#cluster.close()
    this.#keySets.close()
  }
}

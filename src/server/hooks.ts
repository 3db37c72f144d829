import { setImmediate as nextImmediate } from 'node:timers/promises'
import type { Clock, Logger, ServerIdentity } from '../base/index.ts'
import {
  defaultHookDelivery,
  HookAdmission,
  HookBodies,
  HookClient,
  type HookDeliveryOptions,
  HookNotifier,
  type HookOptions,
  HookOutbox,
  laneOf,
  loadHookSigner,
  OutboxJournal,
  type ResolvedVhost,
} from '../control/index.ts'
import { defaultProgramOptions, type ProgramOptions } from '../ffmpeg/index.ts'
import {
  type StreamEvents,
  type StreamName,
  type StreamRegistry,
  type StreamRequest,
  streamKey,
  type VhostFinder,
} from '../live/index.ts'

/** How long notifications may be delivered when the server closes, ms; the rest stays on disk, or is lost with the memory. */
export const HOOK_CLOSE_TIMEOUT_MS = 3000

/**
 * How long hooks wait, when the server closes, for all that they are told of, ms: longer than that takes. If it hangs, they are told
 * all the same what they are owed by then, before the command ends the process (`MAX_ENDING_MS`).
 */
export const HOOK_PATIENCE_MS = 15_000

/** The longest time that timers of Node can wait; with a longer one they are over at once. */
const MAX_TIMER_MS: number = 2 ** 31 - 1

/** The same where programs may take longer than by default to stop. */
export function hookPatienceMs({ stopTimeoutMs }: Pick<ProgramOptions, 'stopTimeoutMs'>): number {
  const moreMs = Math.max(stopTimeoutMs - defaultProgramOptions.stopTimeoutMs, 0)
  return Math.min(HOOK_PATIENCE_MS + moreMs, MAX_TIMER_MS)
}

/** How long a publisher waits for what was told before about its stream, ms. */
export const HOOK_SETTLE_TIMEOUT_MS = 2000

/** What hooks are made with. */
export type ServerHooksSetup = Readonly<{
  identity: ServerIdentity
  vhosts: VhostFinder<ResolvedVhost>
  registry: StreamRegistry
  clock: Clock
  logger: Logger
}>

/** HTTP hooks of a server: who asks them, who tells them, and how they are called. */
export class ServerHooks {
  /** Calls hooks; its statistics tell how that goes. */
  readonly client: HookClient
  /** Notifications that wait. */
  readonly outbox: HookOutbox
  /** What hooks are sent. */
  readonly bodies: HookBodies
  /** Asks them. */
  readonly admission: HookAdmission
  /** Tells them. */
  readonly events: StreamEvents
  readonly #logger: Logger
  #delivery: HookDeliveryOptions = defaultHookDelivery

  /** Nothing is called before `start`. */
  constructor({ identity, vhosts, registry, clock, logger }: ServerHooksSetup) {
    this.#logger = logger
    this.client = new HookClient(clock)
    this.outbox = new HookOutbox({ client: this.client, clock, logger })
    this.bodies = new HookBodies(identity)
    const { client, outbox, bodies } = this
    const hooksOf = (vhost: string): HookOptions | undefined => vhosts.get(vhost)?.hooks
    const publisherOf = (name: StreamName): StreamRequest | null =>
      registry.get(name)?.publication?.request ?? null
    const notifier = new HookNotifier({ outbox, bodies, hooksOf, publisherOf, clock })
    this.events = notifier
    this.admission = new HookAdmission({
      client,
      bodies,
      hooksOf,
      whenUnavailable: () => this.#delivery.whenUnavailable,
      settle: (url, { name }) => outbox.settle(laneOf(url, streamKey(name)), HOOK_SETTLE_TIMEOUT_MS),
      onConnected: (request) => notifier.connected(request),
      logger,
    })
  }

  /**
   * Reads the keys that options name; what can fail is done here.
   * @param isCalling somebody is to be called: what that takes, some megabytes, is loaded now and not with the first call
   * @returns puts the options in force
   * @throws ServerError ERR_CONFIGURATION that says what can't be used
   */
  async prepare(delivery: HookDeliveryOptions, isCalling: boolean): Promise<() => void> {
    const signer = await loadHookSigner(delivery, this.#logger)
    if (isCalling) {
      await this.client.prepare()
    }
    return () => {
      this.#delivery = delivery
      this.client.use(delivery, signer)
      this.outbox.use(delivery)
    }
  }

  /**
   * Puts options in force, and takes up what was left on disk.
   * @param isCalling as for `prepare`
   * @throws ServerError ERR_CONFIGURATION if a key or the folder can't be used
   */
  async start(delivery: HookDeliveryOptions, isCalling: boolean): Promise<void> {
    const use = await this.prepare(delivery, isCalling)
    use()
    if (delivery.folder !== null) {
      const { journal, recovered } = await OutboxJournal.open(delivery.folder, this.#logger)
      const { folder } = delivery
      const { damaged } = recovered
      const interrupted = recovered.interrupted.length
      const notifications = recovered.owed.length + interrupted
      if (damaged > 0) {
        this.#logger.warn(
          { folder, damaged },
          'notifications of hooks that were left on disk may be lost: lines of the file are cut off or changed',
        )
      }
      if (notifications > 0) {
        this.#logger.info(
          { folder, notifications, interrupted },
          'notifications of hooks were left on disk: they are delivered now',
        )
      }
      this.outbox.keepIn(journal, recovered)
    }
  }

  /** Delivers what can be delivered at once, for `HOOK_CLOSE_TIMEOUT_MS`; nothing is called any more. Idempotent. */
  async close(): Promise<void> {
    // Sockets tell that they are closed behind their listener: in the turn of the event loop that has begun, after its immediates.
    await nextImmediate()
    await nextImmediate()
    // First, as the end of who is asked about is told behind the decision.
    await this.admission.close()
    await this.outbox.close(HOOK_CLOSE_TIMEOUT_MS)
    await this.client.close()
  }
}

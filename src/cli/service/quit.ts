import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { type Logger, toError } from '../../base/index.ts'
import type { QuitSettings } from '../../control/index.ts'
import { defaultProgramOptions } from '../../ffmpeg/index.ts'
import type { Server } from '../../server/index.ts'
import { EXIT_FAULT, EXIT_INTERRUPTED } from '../exit-codes.ts'
import { Presses } from '../interruption.ts'
import { endBackgroundCompilation } from './background-compilation.ts'
import type { HeldSignals } from './held-signals.ts'

/** How often a server that quits looks whether somebody is still there, ms. */
const CLIENT_CHECK_INTERVAL_MS = 200

/**
 * How long the end may take, ms, from when connections are ended: longer than all that is waited for in it (the last bytes to clients, 10 s;
 * programs, up to 10 s; then hooks, 3 s). Then the process ends whatever is left. Programs that by `stopTimeoutMs` may take longer than by
 * default have as much more.
 */
export const MAX_ENDING_MS = 20_000

/** The longest time that timers of Node can wait. */
const MAX_TIMER_MS: number = 2 ** 31 - 1

/** What is ended: a server. */
export type EndedServer = Pick<
  Server,
  'close' | 'stopListening' | 'requestReconnect' | 'settings' | 'streams' | 'unfinished'
>

/** What ends a server. */
export type QuitSetup = Readonly<{
  /** It may be one that is still starting. */
  server: EndedServer
  settings: QuitSettings
  logger: Logger
  /** Says something to the person at the terminal. */
  say: (text: string) => void
  /** Called when the end begins; what it returns is waited for. */
  onEnd: () => Promise<void>
  /** Called when the server is closed; what it returns is waited for. */
  onClosed: () => Promise<void>
  /** Called when connections begin to be ended. Default `endBackgroundCompilation`. */
  settle?: () => void
  /** Ends the process. Default `process.exit`. */
  exit?: (code: number) => void
}>

/**
 * Ends the server on signals, and then the process. SIGINT and SIGTERM: at once, in order, with the ports freed; a second time: whatever
 * is left undone. SIGQUIT: gracefully. For a while it still takes clients, then it listens no more and those there may stay until they leave
 * or the deadline comes; SIGINT and SIGTERM cut that short.
 */
export class Quit {
  readonly #setup: QuitSetup
  readonly #exit: (code: number) => void
  /** Aborts a graceful end that is under way. */
  readonly #hurry = new AbortController()
  readonly #presses = new Presses()
  /** Of SIGTERM where it ends gracefully: the second signal of the first one must not cut that short. */
  readonly #terminations = new Presses()
  /** What is done when the end begins. */
  #begun: Promise<void> | null = null
  #isGraceful = false
  #isClosing = false

  /** Nothing happens before `listen`. */
  constructor(setup: QuitSetup) {
    this.#setup = setup
    this.#exit = setup.exit ?? ((code) => process.exit(code))
  }

  /** Whether the server is being closed, or is. */
  get isClosing(): boolean {
    return this.#isClosing
  }

  /** Whether the end has begun, of a graceful one the wait for clients. */
  get isEnding(): boolean {
    return this.#begun !== null
  }

  /** Acts on signals, those that have come already among them. */
  listen(signals: Pick<HeldSignals, 'handTo'>): void {
    signals.handTo('SIGINT', () => this.closeNow())
    signals.handTo('SIGTERM', () => this.#onTerminate())
    signals.handTo('SIGQUIT', () => this.quitGracefully())
  }

  /** Ends the server at once, but in order; asked once more by another press, whatever is left. */
  closeNow(): void {
    const press = this.#presses.next()
    if (this.#isClosing) {
      if (press === 'again') {
        this.#exit(EXIT_INTERRUPTED)
      }
      return
    }
    this.#isClosing = true
    this.#hurry.abort()
    this.#setup.say('\nClosing: connections are ended and ports freed. Press Ctrl-C again to end at once.\n')
    void this.#end()
  }

  /** Ends the server when its clients are gone, or the deadline has come. */
  quitGracefully(): void {
    if (this.#isGraceful || this.#isClosing) {
      return
    }
    this.#isGraceful = true
    void this.#begin()
    this.#letClientsFinish().then(
      () => this.closeNow(),
      // The only way to fail is that somebody is in a hurry, and closes.
      () => {},
    )
  }

  #onTerminate(): void {
    if (!this.#setup.settings.always || this.#isClosing) {
      this.closeNow()
      return
    }
    const press = this.#terminations.next()
    if (!this.#isGraceful) {
      this.quitGracefully()
    } else if (press !== 'same') {
      this.closeNow()
    }
  }

  /** Tells once that the end begins. */
  #begin(): Promise<void> {
    this.#begun ??= this.#setup.onEnd()
    return this.#begun
  }

  /**
   * Closes everything, then ends the process. It does not wait until nothing keeps the process any more: what was overlooked would keep
   * it for ever, and a signal that comes in its last moment would end it as if it had not been in order.
   */
  async #end(): Promise<void> {
    const { server, onClosed, settle = endBackgroundCompilation } = this.#setup
    settle()
    const limitMs = endingLimitOf(server)
    const limit = setTimeout(() => this.#giveUp(limitMs), limitMs)
    try {
      const begun = this.#begin()
      await server.close()
      await onClosed()
      await begun
      this.#exit(0)
    } catch (error) {
      process.stderr.write(`srs: closing failed: ${toError(error).message}\n`)
      this.#exit(EXIT_FAULT)
    } finally {
      clearTimeout(limit)
    }
  }

  #giveUp(limitMs: number): void {
    const { server, logger } = this.#setup
    logger.error(
      { limitMs, unfinished: server.unfinished, resources: countResources() },
      'not everything has ended in time (MAX_ENDING_MS): the process ends all the same',
    )
    this.#exit(EXIT_FAULT)
  }

  async #letClientsFinish(): Promise<void> {
    const { server, logger, say, settings } = this.#setup
    const { startWaitMs, finalWaitMs, deadlineMs } = settings
    const { signal } = this.#hurry
    say(
      '\nQuitting: no new clients are taken, those that are there may finish. Press Ctrl-C to cut them off.\n',
    )
    logger.info({ startWaitMs, deadlineMs }, 'quitting gracefully')
    await delay(startWaitMs, undefined, { signal })
    server.stopListening()
    const asked = server.requestReconnect({ description: 'The server ends; connect anew.' })
    logger.info(
      { clients: countClients(server), askedToReconnect: asked },
      'listening ended, clients may finish',
    )
    const end = performance.now() + deadlineMs
    while (countClients(server) > 0 && performance.now() < end) {
      await delay(CLIENT_CHECK_INTERVAL_MS, undefined, { signal })
    }
    logger.info(
      { clients: countClients(server) },
      'quitting: clients have finished, or the deadline has come',
    )
    await delay(finalWaitMs, undefined, { signal })
  }
}

function endingLimitOf({ settings }: Pick<Server, 'settings'>): number {
  const { stopTimeoutMs: byDefault } = defaultProgramOptions
  const { stopTimeoutMs = byDefault } = settings.programs ?? {}
  return Math.min(MAX_ENDING_MS + Math.max(stopTimeoutMs - byDefault, 0), MAX_TIMER_MS)
}

/** Who publishes or plays, files of this process left out: they would never finish. */
function countClients({ streams }: Pick<Server, 'streams'>): number {
  return streams.reduce((sum, { publication, viewers }) => {
    const publishes = publication !== null && publication.client.protocol !== 'file'
    return sum + viewers.size + (publishes ? 1 : 0)
  }, 0)
}

/** What keeps the process, by kind. */
function countResources(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) {
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

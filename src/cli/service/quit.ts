import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { type Logger, toError } from '../../base/index.ts'
import type { QuitSettings } from '../../control/index.ts'
import type { Server } from '../../server/index.ts'
import { EXIT_FAULT, EXIT_INTERRUPTED } from '../exit-codes.ts'
import { SAME_PRESS_MS } from '../interruption.ts'

/** How often a server that quits looks whether somebody is still there, ms. */
const CLIENT_CHECK_INTERVAL_MS = 200

/** What ends a server. */
export type QuitSetup = Readonly<{
  server: Server
  settings: QuitSettings
  logger: Logger
  /** Says something to the person at the terminal. */
  say: (text: string) => void
  /** Called when the end begins. */
  onEnd: () => void
  /** Called when the server is closed. */
  onClosed: () => void
}>

/**
 * Ends the server on signals. SIGINT and SIGTERM: at once, in order, with the ports freed; a second time: whatever is left undone.
 * SIGQUIT: gracefully. For a while it still takes clients, then it listens no more and those there may stay until they leave or the
 * deadline comes; SIGINT and SIGTERM cut that short.
 */
export class Quit {
  readonly #setup: QuitSetup
  /** Aborts a graceful end that is under way. */
  readonly #hurry = new AbortController()
  #isGraceful = false
  #isClosing = false
  #closingSince = 0

  /** Nothing happens before `listen`. */
  constructor(setup: QuitSetup) {
    this.#setup = setup
  }

  /** Listens to the signals. */
  listen(): void {
    process.on('SIGINT', this.#onInterrupt)
    process.on('SIGTERM', this.#onTerminate)
    process.on('SIGQUIT', this.#onQuit)
  }

  /** Ends the server at once, but in order. */
  closeNow(): void {
    if (this.#isClosing) {
      if (performance.now() - this.#closingSince >= SAME_PRESS_MS) {
        process.exit(EXIT_INTERRUPTED)
      }
      return
    }
    this.#isClosing = true
    this.#closingSince = performance.now()
    this.#hurry.abort()
    const { server, say, onEnd } = this.#setup
    say('\nClosing: connections are ended and ports freed. Press Ctrl-C again to end at once.\n')
    if (!this.#isGraceful) {
      onEnd()
    }
    server.close().then(
      // Nothing is left that keeps the process: it ends by itself. Signals still end it if that is not so.
      () => this.#setup.onClosed(),
      (error: unknown) => {
        process.stderr.write(`srs: closing failed: ${toError(error).message}\n`)
        process.exit(EXIT_FAULT)
      },
    )
  }

  /** Ends the server when its clients are gone, or the deadline has come. */
  quitGracefully(): void {
    if (this.#isGraceful || this.#isClosing) {
      return
    }
    this.#isGraceful = true
    this.#setup.onEnd()
    this.#letClientsFinish().then(
      () => this.closeNow(),
      // The only way to fail is that somebody is in a hurry, and closes.
      () => {},
    )
  }

  // Fields, as these are what must be taken off again.
  readonly #onInterrupt = (): void => {
    if (!this.#isClosing) {
      // Else the second signal of the same press could come when nobody listens any more, and the end would not look like one in order.
      setTimeout(() => {}, SAME_PRESS_MS)
    }
    this.closeNow()
  }
  readonly #onTerminate = (): void => {
    if (this.#setup.settings.always && !this.#isGraceful) {
      this.quitGracefully()
    } else {
      this.closeNow()
    }
  }
  readonly #onQuit = (): void => this.quitGracefully()

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

/** Who publishes or plays, files of this process left out: they would never finish. */
function countClients(server: Server): number {
  return server.streams.reduce((sum, { publication, viewers }) => {
    const publishes = publication !== null && publication.client.protocol !== 'file'
    return sum + viewers.size + (publishes ? 1 : 0)
  }, 0)
}

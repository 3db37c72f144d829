import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import { type Logger, toError } from '../../base/index.ts'

/** How long `systemd-notify` may take, ms: it waits until systemd has read the message. */
const NOTIFY_TIMEOUT_MS = 10_000

/**
 * Tells systemd how the service is, if it started this process as a service of `Type=notify`. Node.js has no datagram sockets of the
 * kind that systemd listens on, so this is left to systemd's own program, which needs `NotifyAccess=all` in the unit.
 */
export class Systemd {
  readonly #logger: Logger
  #told: Promise<void> = Promise.resolve()

  /** @param logger told if systemd can't be told */
  constructor(logger: Logger) {
    this.#logger = logger
  }

  /**
   * Tells one thing after the other. Resolves when it is told, or can't be: systemd that is not told says so itself when its patience ends,
   * and the log says why.
   */
  tell(state: 'READY=1' | 'STOPPING=1'): Promise<void> {
    this.#told = this.#told.then(() => notify(state, this.#logger))
    return this.#told
  }
}

async function notify(state: string, logger: Logger): Promise<void> {
  if (process.env.NOTIFY_SOCKET === undefined) {
    return
  }
  try {
    await promisify(execFile)('systemd-notify', [state], { timeout: NOTIFY_TIMEOUT_MS })
  } catch (error) {
    logger.warn({ error: toError(error), state }, 'systemd could not be told by systemd-notify')
  }
}

import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import { type Logger, toError } from '../../base/index.ts'

/** How long `systemd-notify` may take, ms: it waits until systemd has read the message. */
const NOTIFY_TIMEOUT_MS = 10_000

/**
 * Tells systemd how the service is, if it started this process as a service of `Type=notify`. Node.js has no datagram sockets of the
 * kind that systemd listens on, so this is left to systemd's own program, which needs `NotifyAccess=all` in the unit.
 * Never throws: systemd that is not told says so itself when its patience ends, and the log says why.
 */
export async function notifySystemd(state: 'READY=1' | 'STOPPING=1', logger: Logger): Promise<void> {
  if (process.env.NOTIFY_SOCKET === undefined) {
    return
  }
  try {
    await promisify(execFile)('systemd-notify', [state], { timeout: NOTIFY_TIMEOUT_MS })
  } catch (error) {
    logger.warn({ error: toError(error), state }, 'systemd could not be told by systemd-notify')
  }
}

import { ServerError } from '../../base/index.ts'
import { isHookUrl } from '../hooks/index.ts'

/** The shortest time between two heartbeats, ms. */
export const MIN_HEARTBEAT_INTERVAL_MS = 100

/** Whom this server tells that it lives, and what. A change counts at once. SRS: heartbeat. */
export type HeartbeatOptions = Readonly<{
  /** Who is told, http or https; without its query, as in SRS. Default 'http://127.0.0.1:8085/api/v1/servers'. */
  url: string
  /** How often, ms; for the first time after so long. Default 10 000. */
  intervalMs: number
  /** Who this server is. Default ''. */
  deviceId: string
  /** Its address. Default '': one of the machine's. SRS: the variable SRS_DEVICE_IP. */
  deviceIp: string
  /** Which of the machine's addresses that is, from 0. Default 0. SRS: stats.network. */
  network: number
  /** Tells what `/api/v1/summaries` does, too. Default false. */
  summaries: boolean
  /** Tells what is listened on, too. Default false. */
  ports: boolean
}>

/** The defaults of `HeartbeatOptions`. */
export const defaultHeartbeatOptions: HeartbeatOptions = {
  url: 'http://127.0.0.1:8085/api/v1/servers',
  intervalMs: 10_000,
  deviceId: '',
  deviceIp: '',
  network: 0,
  summaries: false,
  ports: false,
}

/**
 * What is given, with defaults for the rest.
 * @param given left out: there are no heartbeats
 * @throws ServerError ERR_CONFIGURATION that names the value that can't be used
 */
export function resolveHeartbeat(given: Partial<HeartbeatOptions> | undefined): HeartbeatOptions | null {
  if (given === undefined) {
    return null
  }
  const said = Object.entries(given).filter(([, value]) => value !== undefined)
  const options: HeartbeatOptions = { ...defaultHeartbeatOptions, ...Object.fromEntries(said) }
  const { url, intervalMs } = options
  if (!isHookUrl(url)) {
    throw new ServerError('ERR_CONFIGURATION', `heartbeat.url: '${url}' is no http or https URL`)
  }
  if (!(intervalMs >= MIN_HEARTBEAT_INTERVAL_MS)) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `heartbeat.intervalMs is ${intervalMs}: must be ${MIN_HEARTBEAT_INTERVAL_MS} at least`,
    )
  }
  return options
}

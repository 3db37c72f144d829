import { networkInterfaces } from 'node:os'
import { type Logger, type ServerIdentity, toError } from '../../base/index.ts'
import type { HookClient } from '../hooks/index.ts'
import type { HeartbeatOptions } from './options.ts'

/** Where a server is listened for, as heartbeats tell it, e.g. '1935' or '127.0.0.1:1985'. */
export type HeartbeatPorts = Readonly<Partial<Record<'rtmp' | 'http' | 'api', readonly string[]>>>

/** What heartbeats are made with. */
export type HeartbeatSetup = Readonly<{
  /** Who this server is. */
  identity: ServerIdentity
  /** Calls, over the connections that hooks have; counted among them as 'heartbeat'. */
  client: Pick<HookClient, 'call'>
  /** `data` of `/api/v1/summaries`. */
  summaries: () => Promise<object>
  /** What is listened on. */
  ports: () => HeartbeatPorts
  /** Told of those that failed. */
  logger: Logger
}>

/** Tells another server, again and again, that this one lives. What it answers means nothing. */
export class Heartbeat {
  readonly #setup: HeartbeatSetup
  #options: HeartbeatOptions | null = null
  #timer: NodeJS.Timeout | null = null
  #isBeating = false

  /** Tells nobody before `use`. */
  constructor(setup: HeartbeatSetup) {
    this.#setup = setup
  }

  /** Goes on with other options; null for none. Only another interval begins anew. */
  use(options: HeartbeatOptions | null): void {
    const isSame = options?.intervalMs === this.#options?.intervalMs
    this.#options = options
    if (!isSame) {
      this.close()
      if (options !== null) {
        this.#timer = setInterval(() => void this.#beat(), options.intervalMs).unref()
      }
    }
  }

  /** Tells nobody any more. Idempotent. */
  close(): void {
    if (this.#timer !== null) {
      clearInterval(this.#timer)
      this.#timer = null
    }
  }

  /** One at a time: one that takes longer than until the next takes its place. */
  async #beat(): Promise<void> {
    const options = this.#options
    if (options === null || this.#isBeating) {
      return
    }
    this.#isBeating = true
    const url = options.url.replace(/[?#].*$/, '')
    try {
      const body = JSON.stringify(await this.#body(options))
      const answer = await this.#setup.client.call({ event: 'heartbeat', url, body })
      if (answer.outcome === 'unavailable') {
        this.#setup.logger.warn({ url, reason: answer.reason }, 'a heartbeat was not taken')
      }
    } catch (error) {
      // What the system does not tell today must not end the server.
      this.#setup.logger.warn({ url, reason: toError(error).message }, 'a heartbeat could not be sent')
    } finally {
      this.#isBeating = false
    }
  }

  /** The names and the order of SRS. */
  async #body({ deviceId, deviceIp, network, summaries, ports }: HeartbeatOptions): Promise<object> {
    const { serverId, serviceId, pid } = this.#setup.identity
    return {
      device_id: deviceId,
      ip: deviceIp === '' ? machineAddress(network) : deviceIp,
      server: serverId,
      service: serviceId,
      pid,
      ...(summaries ? { summaries: { data: await this.#setup.summaries() } } : {}),
      ...(ports ? this.#setup.ports() : {}),
    }
  }
}

/** One of the machine's addresses other than the loopback; of fewer than asked for, counted around. */
function machineAddress(index: number): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const outside = all.filter(({ internal }) => !internal)
  const found = [
    ...outside.filter(({ family }) => family === 'IPv4'),
    ...outside.filter(({ family }) => family === 'IPv6'),
  ]
  return found[index % found.length]?.address ?? '127.0.0.1'
}

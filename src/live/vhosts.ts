import { DEFAULT_VHOST, normalizeVhost } from '../base/index.ts'
import { type BroadcastOptions, defaultBroadcastOptions } from './broadcast-options.ts'
import { defaultStreamOptions, type StreamOptions } from './stream-options.ts'

/** A virtual host, as far as the live core needs it. Never changed: another takes its place in `Vhosts`. */
export type Vhost = Readonly<{
  /** As `normalizeVhost` gives it. */
  name: string
  /** False refuses every publisher and player. */
  enabled: boolean
  /** How its streams are kept. */
  streams: StreamOptions
  /** Latency, lag and memory of its players. */
  broadcast: BroadcastOptions
}>

/** The virtual host that all names share where none are configured, with every default. */
export const defaultVhost: Vhost = {
  name: DEFAULT_VHOST,
  enabled: true,
  streams: defaultStreamOptions,
  broadcast: defaultBroadcastOptions,
}

/** Why a virtual host lets nobody in. */
export type VhostDenial = Readonly<{
  /** For programs. */
  code: 'vhost_unknown' | 'vhost_disabled'
  /** For people: which one, and what to do. */
  reason: string
}>

/** How modules find virtual hosts. What they find is as of now: not to be kept. */
export interface VhostFinder<V extends Vhost = Vhost> {
  /**
   * The one that a client gets who asks for that name: the one called so, or else the default one; undefined if there is neither.
   * @param requested a host as written, or '' for who names none
   */
  resolve(requested: string): V | undefined
  /** The one of exactly that name. */
  get(name: string): V | undefined
}

/** The virtual hosts of a server, by name; they may be replaced while it runs. */
export class Vhosts<V extends Vhost = Vhost> implements VhostFinder<V> {
  #byName: ReadonlyMap<string, V>

  /** @param vhosts of different names */
  constructor(vhosts: readonly V[]) {
    this.#byName = byName(vhosts)
  }

  /** Every one there is, in the order they were given. */
  get all(): V[] {
    return [...this.#byName.values()]
  }

  resolve(requested: string): V | undefined {
    return this.#byName.get(normalizeVhost(requested)) ?? this.#byName.get(DEFAULT_VHOST)
  }

  get(name: string): V | undefined {
    return this.#byName.get(name)
  }

  /** The name of the one that `resolve` gives; that asked for if there is none, which nobody is let in under. */
  nameFor(requested: string): string {
    return this.resolve(requested)?.name ?? normalizeVhost(requested)
  }

  /**
   * Why nobody is let in under a name by which there is no virtual host that is enabled.
   * @param name what `nameFor` gave
   * @param requested what the client asked for. Default: that name
   */
  denial(name: string, requested: string = name): VhostDenial {
    if (!this.#byName.has(name)) {
      const others = name === DEFAULT_VHOST ? '' : `, and no ${DEFAULT_VHOST} for names that have none`
      const reason = `there is no virtual host ${name}${others}: add it to the settings (vhosts)`
      return { code: 'vhost_unknown', reason }
    }
    const isOwn = requested === '' || normalizeVhost(requested) === name
    const which = isOwn ? name : `${name}, which ${normalizeVhost(requested)} belongs to,`
    const reason = `the virtual host ${which} is switched off: set its 'enabled' to let clients in`
    return { code: 'vhost_disabled', reason }
  }

  /** Puts others in their place. What runs already takes them by `StreamRegistry.update` and the like. */
  replace(vhosts: readonly V[]): void {
    this.#byName = byName(vhosts)
  }
}

function byName<V extends Vhost>(vhosts: readonly V[]): Map<string, V> {
  return new Map(vhosts.map((vhost) => [vhost.name, vhost]))
}

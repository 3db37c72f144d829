import { type Logger, toError } from '../base/index.ts'
import {
  formatListenAddress,
  type ListenerAddress,
  type TcpListener,
  type TlsCredentials,
} from '../net/index.ts'
import { hasMedia, type ListenerPurpose, overlap, type WantedListener } from './wanted-listeners.ts'

/** A listener that can take what is wanted of it anew. */
export type ServerListener = TcpListener &
  Readonly<{
    /** Takes what can change while it listens: what is served, whose word is taken, and the certificate. Can't fail. */
    apply(wanted: WantedListener, credentials: TlsCredentials | null): void
    /** Ends its connections behind what is answered just now, if it is of HTTP. */
    endConnections?(): void
  }>

/** Opens a listener whose connections are held. */
export type OpenListener = (
  wanted: WantedListener,
  credentials: TlsCredentials | null,
) => Promise<ServerListener>

/** A listener, and what it was asked to be. */
export type RunningListener = Readonly<{
  wanted: WantedListener
  listener: ServerListener
  credentials: TlsCredentials | null
}>

/** What becomes of the listeners when others are wanted. */
export type ListenerChanges = Readonly<{
  /** They go on, with what they are to be from now on. */
  keep: readonly Readonly<{ running: RunningListener; wanted: WantedListener }>[]
  /** They are opened. */
  open: readonly WantedListener[]
  /** They are closed; their connections live on. */
  close: readonly RunningListener[]
}>

/** Listeners that are open, and wait for their set to be changed. */
export type PreparedListeners = Readonly<{
  /** Makes the change: synchronous, and can't fail. */
  commit(): void
  /** Makes everything as it was. */
  rollback(): Promise<void>
}>

/** The credentials of a listener that speaks TLS. */
export type CredentialsOf = (wanted: WantedListener) => TlsCredentials | null

/** The listeners of a server: one set that goes over into another as a whole, or stays as it is. */
export class Listeners {
  readonly #open: OpenListener
  readonly #logger: Logger
  #running: readonly RunningListener[] = []
  /** Closed ones whose connections live on. */
  readonly #retired = new Set<ServerListener>()

  /** @param logger told of listeners that come and go */
  constructor(open: OpenListener, logger: Logger) {
    this.#open = open
    this.#logger = logger
  }

  /** The listeners there are, in the order in which they were wanted. */
  get running(): readonly RunningListener[] {
    return this.#running
  }

  /** Where the first listener for that purpose that has a TCP port ended up; null if there is none. */
  addressOf(purpose: ListenerPurpose): Extract<ListenerAddress, { port: number }> | null {
    for (const { wanted, listener } of this.#running) {
      if (wanted.purposes.includes(purpose) && 'port' in listener.address) {
        return listener.address
      }
    }
    return null
  }

  /** Compares what there is with what is wanted. */
  planChanges(wanted: readonly WantedListener[]): ListenerChanges {
    const left = new Set(this.#running)
    const keep: { running: RunningListener; wanted: WantedListener }[] = []
    const open: WantedListener[] = []
    for (const next of wanted) {
      const running = [...left].find((each) => each.wanted.socketKey === next.socketKey)
      if (running === undefined) {
        open.push(next)
      } else {
        left.delete(running)
        keep.push({ running, wanted: next })
      }
    }
    return { keep, open, close: [...left] }
  }

  /**
   * Does of a change what can fail: opens what is new. An address that overlaps with one that is to be closed, e.g. the same port
   * on all interfaces, can be had only when that is closed: for an instant nobody listens there.
   * @throws ServerError ERR_LISTEN if an address can't be had; then everything is as it was
   */
  async prepare(changes: ListenerChanges, credentialsOf: CredentialsOf): Promise<PreparedListeners> {
    const opened: RunningListener[] = []
    const isInWay = (running: RunningListener, next: WantedListener): boolean => overlap(bound(running), next)
    const moved = changes.close.filter((running) => changes.open.some((next) => isInWay(running, next)))
    const openAll = async (wanted: readonly WantedListener[]): Promise<void> => {
      for (const next of wanted) {
        const credentials = credentialsOf(next)
        opened.push({ wanted: next, credentials, listener: await this.#open(next, credentials) })
      }
    }
    const rollback = async (stopped: readonly RunningListener[]): Promise<void> => {
      await Promise.all(opened.map(({ listener }) => listener.close()))
      for (const running of stopped) {
        const again = await this.#reopen(running)
        this.#running = this.#running.flatMap((each) => (each === running ? again : [each]))
      }
    }
    const late = changes.open.filter((next) => moved.some((running) => isInWay(running, next)))
    let stopped: readonly RunningListener[] = []
    try {
      await openAll(changes.open.filter((next) => !late.includes(next)))
      stopped = moved
      for (const running of moved) {
        this.#retire(running)
      }
      await openAll(late)
    } catch (error) {
      await rollback(stopped)
      throw error
    }
    return {
      commit: () => this.#commit(changes, opened, credentialsOf),
      rollback: () => rollback(stopped),
    }
  }

  /** Uses other credentials for connections that come from now on. */
  useCredentials(credentialsOf: CredentialsOf): void {
    this.#running = this.#running.map(({ wanted, listener }) => {
      const credentials = credentialsOf(wanted)
      listener.apply(wanted, credentials)
      return { wanted, listener, credentials }
    })
  }

  /** Stops accepting. Who is connected stays. */
  stop(): void {
    for (const { listener } of this.#running) {
      listener.stop()
    }
  }

  /** Closes them all; resolves when the connections that they accepted are closed, too. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#running.map(({ listener }) => listener), ...this.#retired].map((each) => each.close()),
    )
  }

  #commit(
    { keep, close }: ListenerChanges,
    opened: readonly RunningListener[],
    credentialsOf: CredentialsOf,
  ): void {
    const kept = keep.map(({ running: { listener }, wanted }) => {
      const credentials = credentialsOf(wanted)
      listener.apply(wanted, credentials)
      return { wanted, listener, credentials }
    })
    this.#running = [...kept, ...opened].sort((a, b) => a.wanted.position - b.wanted.position)
    for (const running of close) {
      this.#retire(running)
      if (!hasMedia(running.wanted)) {
        running.listener.endConnections?.()
      }
    }
    for (const { listener, wanted, credentials } of opened) {
      listener.apply(wanted, credentials)
      listener.release()
    }
  }

  /** Stops accepting; idempotent. Its connections live on. */
  #retire({ listener }: RunningListener): void {
    listener.stop()
    this.#retired.add(listener)
    void listener.drained.then(() => this.#retired.delete(listener))
  }

  /** Listens again on an address that was given up for another that can't be had. Nothing, and a fault in the log, if it can't. */
  async #reopen({ wanted, credentials }: RunningListener): Promise<RunningListener[]> {
    try {
      const listener = await this.#open(wanted, credentials)
      listener.apply(wanted, credentials)
      listener.release()
      return [{ wanted, credentials, listener }]
    } catch (error) {
      const where = formatListenAddress(wanted.options)
      this.#logger.error(
        { where, reason: toError(error).message },
        'a listener that was closed could not be opened again',
      )
      return []
    }
  }
}

/** A listener with the port that it got, if any would have been good. */
function bound({ wanted, listener: { address } }: RunningListener): WantedListener {
  const { options } = wanted
  return 'port' in options && 'port' in address
    ? { ...wanted, options: { ...options, port: address.port } }
    : wanted
}

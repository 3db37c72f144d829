import { randomId } from '../../base/index.ts'

/** Events kept for listeners that come back. */
export const MAX_KEPT_EVENTS = 500

/** So long after the last listener has left events are still kept for it, ms: browsers come back within seconds. */
const RETURN_MS = 60_000

/** The newest events that have ids, for who was away for a moment. */
export class EventHistory {
  /** New with each start, so that an id of another server is told from ours. */
  readonly #prefix: string = randomId(8)
  readonly #kept: { id: number; name: string; event: Uint8Array }[] = []
  #lastId = 0
  #awaiting: NodeJS.Timeout | null = null

  /** Whether a listener that has left may still come back. */
  get isAwaited(): boolean {
    return this.#awaiting !== null
  }

  /** The last listener has left; it may come back. */
  awaitReturn(): void {
    clearTimeout(this.#awaiting ?? undefined)
    this.#awaiting = setTimeout(() => {
      this.#awaiting = null
      this.#kept.length = 0
    }, RETURN_MS).unref()
  }

  /** Gives an event its id, and keeps it. */
  add(name: string, data: object): Uint8Array {
    const id = ++this.#lastId
    const event = serverSentEvent(name, data, `${this.#prefix}-${id}`)
    this.#kept.push({ id, name, event })
    if (this.#kept.length > MAX_KEPT_EVENTS) {
      this.#kept.shift()
    }
    return event
  }

  /** What came behind the event of that id, and is wanted; nothing if the id is not ours. */
  since(lastEventId: string | string[] | undefined, wants: (name: string) => boolean): Uint8Array[] {
    const [prefix, number] = typeof lastEventId === 'string' ? lastEventId.split('-') : []
    const last = Number(number)
    return prefix === this.#prefix && Number.isInteger(last)
      ? this.#kept.filter(({ id, name }) => id > last && wants(name)).map(({ event }) => event)
      : []
  }
}

/** An event as it goes over the wire (WHATWG HTML, 9.2.5). */
export function serverSentEvent(name: string, data: unknown, id?: string): Uint8Array {
  const head = id === undefined ? '' : `id: ${id}\n`
  return Buffer.from(`${head}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
}

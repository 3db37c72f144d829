import type { ApiClient } from './api-client.ts'
import { readEvents, type ServerEvent } from './event-reader.ts'

/** Who hears of events. */
export type EventListener = Readonly<{
  /** An event came. */
  onEvent: (event: ServerEvent) => void
  /** There is no feed (any more): its end, or why it did not begin. */
  onEnd: (error: unknown) => void
}>

/** Reads the server's events until it is stopped or they end. */
export class EventFeed {
  readonly #client: ApiClient
  readonly #listener: EventListener
  #stopping: AbortController | null = null

  constructor(client: ApiClient, listener: EventListener) {
    this.#client = client
    this.#listener = listener
  }

  /** Begins, unless it has begun. */
  start(): void {
    if (this.#stopping === null) {
      const stopping = new AbortController()
      this.#stopping = stopping
      void this.#read(stopping.signal)
    }
  }

  /** Ends; `onEnd` is not told. */
  stop(): void {
    this.#stopping?.abort()
    this.#stopping = null
  }

  async #read(signal: AbortSignal): Promise<void> {
    let reason: unknown = null
    try {
      for await (const event of readEvents(await this.#client.open('events', signal))) {
        if (signal.aborted) {
          return
        }
        this.#listener.onEvent(event)
      }
    } catch (error) {
      reason = error
    }
    if (!signal.aborted) {
      this.#stopping = null
      this.#listener.onEnd(reason)
    }
  }
}

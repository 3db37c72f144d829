import { setTimeout as sleep } from 'node:timers/promises'

/** What is asked for, all of it at once, every second: by a console, Prometheus and a script that lists all clients, page by page. */
const PATHS: readonly string[] = [
  '/api/v1/summaries',
  '/api/v1/streams/?count=1000',
  ...Array.from({ length: 9 }, (_, page) => `/api/v1/clients/?start=${page * 500}&count=500`),
  '/metrics',
]

/** Between two rounds, ms. */
const INTERVAL_MS = 1000

/** Asks our server how it is, again and again, and listens to its events. */
export class ApiPoller {
  #stopping: AbortController | null = null
  #running: Promise<unknown> = Promise.resolve()
  #rounds = 0
  #bytes = 0
  #slowestMs = 0

  /** @param url `http://host:port` of the API */
  start(url: string): void {
    const stopping = new AbortController()
    this.#stopping = stopping
    this.#running = Promise.all([
      this.#poll(url, stopping.signal),
      this.#read(`${url}/api/v1/events`, stopping.signal),
    ])
    // What fails is told by `stop`.
    this.#running.catch(() => {})
  }

  /**
   * Asks no more.
   * @returns what was asked, in words; null if nothing was
   * @throws Error if an answer was none
   */
  async stop(): Promise<string | null> {
    if (this.#stopping === null) {
      return null
    }
    this.#stopping.abort()
    this.#stopping = null
    await this.#running
    const kilobytes = Math.round(this.#bytes / 1000)
    return `polled ${this.#rounds} times, ${kilobytes} KB, events included; the slowest round took ${Math.round(this.#slowestMs)} ms`
  }

  async #poll(url: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const begin = performance.now()
      await Promise.all(PATHS.map((path) => this.#read(`${url}${path}`, signal)))
      const tookMs = performance.now() - begin
      if (!signal.aborted) {
        this.#rounds++
        this.#slowestMs = Math.max(this.#slowestMs, tookMs)
        await sleep(Math.max(0, INTERVAL_MS - tookMs), null, { signal }).catch(() => {})
      }
    }
  }

  /** Reads an answer to its end, or until it is stopped. */
  async #read(url: string, signal: AbortSignal): Promise<void> {
    try {
      const response = await fetch(url, { signal })
      if (!response.ok) {
        throw new Error(`${url}: ${response.status} ${await response.text()}`)
      }
      for await (const bytes of response.body ?? []) {
        this.#bytes += (bytes as Uint8Array).length
      }
    } catch (error) {
      if (!signal.aborted) {
        throw error
      }
    }
  }
}

import type { Json } from './json-shape.ts'
import type { Scope } from './server.ts'
import { waitFor } from './wait.ts'

/** What tests look at in an entry of `streams`. */
export type Listed = { url: string; clients: number; publish: { active: boolean } }

/** Reads `GET /api/v1/events` as it comes. */
export class Events {
  /** The events so far. */
  readonly received: { event: string; data: Json; id?: string }[] = []
  /** Resolves when the server ends the answer. */
  readonly ended: Promise<void>
  readonly #leaving = new AbortController()
  #text = ''

  private constructor(response: Response) {
    this.ended = this.#read(response).catch(() => {})
  }

  static async open(
    scope: Scope,
    url: string,
    asked: Record<string, string> = {},
  ): Promise<{ events: Events; headers: Headers }> {
    const path = url.includes('/api/') ? '' : '/api/v1/events'
    const response = await fetch(`${url}${path}`, { headers: asked })
    const events = new Events(response)
    scope.onTestFinished(() => events.#leaving.abort())
    return { events, headers: response.headers }
  }

  /** Waits for a `streams` event whose list passes. */
  async waitForStreams(what: string, passes: (streams: Listed[]) => boolean): Promise<Listed[]> {
    return await waitFor(what, () => {
      const lists = this.received
        .filter(({ event }) => event === 'streams')
        .map(({ data }) => data as unknown as Listed[])
      return lists.find(passes)
    })
  }

  async #read(response: Response): Promise<void> {
    const decoder = new TextDecoder()
    for await (const bytes of response.body ?? []) {
      if (this.#leaving.signal.aborted) {
        return
      }
      this.#text += decoder.decode(bytes, { stream: true })
      const parts = this.#text.split('\n\n')
      this.#text = parts.pop() ?? ''
      for (const part of parts) {
        const fields = new Map(
          part.split('\n').map((line) => [line.replace(/:.*/, ''), line.replace(/^\w+: ?/, '')]),
        )
        const id = fields.get('id')
        const event = fields.get('event') ?? ''
        const data = JSON.parse(fields.get('data') ?? '')
        this.received.push(id === undefined ? { event, data } : { event, data, id })
      }
    }
  }
}

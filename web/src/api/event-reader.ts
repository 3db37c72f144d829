/** One Server-Sent Event. */
export type ServerEvent = Readonly<{ type: string; data: string }>

/**
 * Takes a text apart into Server-Sent Events (WHATWG HTML, 9.2.6), fed in pieces cut anywhere. In place of the browser's
 * `EventSource`, which can't send an `Authorization` header.
 */
export class EventParser {
  readonly #decoder = new TextDecoder()
  #rest = ''
  #type = ''
  #data: string[] = []

  /** The events that are complete with this piece. */
  push(bytes: Uint8Array): ServerEvent[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true })
    const events: ServerEvent[] = []
    // A CR at the end may be half of a line's end.
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      const event = this.#takeLine(line)
      if (event !== null) {
        events.push(event)
      }
    }
    return events
  }

  #takeLine(line: string): ServerEvent | null {
    if (line === '') {
      const event = { type: this.#type === '' ? 'message' : this.#type, data: this.#data.join('\n') }
      const isEvent = this.#data.length > 0
      this.#type = ''
      this.#data = []
      return isEvent ? event : null
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') {
      this.#type = value
    } else if (field === 'data') {
      this.#data.push(value)
    }
    return null
  }
}

/** Reads events until the answer ends. */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerEvent, void, undefined> {
  const parser = new EventParser()
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) {
        return
      }
      yield* parser.push(value)
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

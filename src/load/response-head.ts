import { LimitError, ProtocolError } from '../base/index.ts'

/** The head of an HTTP response (RFC 9112). */
export type ResponseHead = Readonly<{
  /** Status code. */
  status: number
  /** Field values by name in lower case; of a repeated one the last. */
  headers: ReadonlyMap<string, string>
  /** What came behind the head: a view into the bytes handed in. */
  rest: Uint8Array
}>

/** The longest head accepted, bytes. */
export const MAX_RESPONSE_HEAD_BYTES: number = 16 * 1024

const HEAD_END = '\r\n\r\n'

/** Reads the head of one HTTP response. */
export class ResponseHeadReader {
  #bytes: Buffer = Buffer.alloc(0)

  /**
   * Takes the next bytes; returns the head when they complete it. Not to be called after that.
   * @throws ProtocolError if it is no HTTP response, LimitError if it has more than `MAX_RESPONSE_HEAD_BYTES`
   */
  push(bytes: Uint8Array): ResponseHead | null {
    const before = this.#bytes.length
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    const end = this.#bytes.indexOf(HEAD_END)
    const length = end < 0 ? this.#bytes.length : end
    if (length > MAX_RESPONSE_HEAD_BYTES) {
      throw new LimitError('MAX_RESPONSE_HEAD_BYTES', MAX_RESPONSE_HEAD_BYTES, length)
    }
    if (end < 0) {
      return null
    }
    const [statusLine = '', ...fields] = this.#bytes.toString('latin1', 0, end).split('\r\n')
    const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1]
    if (status === undefined) {
      throw new ProtocolError(`'${statusLine.slice(0, 80)}' is not the status line of an HTTP/1 response`)
    }
    const rest = bytes.subarray(end + HEAD_END.length - before)
    return { status: Number(status), headers: new Map(fields.map(parseField)), rest }
  }
}

function parseField(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, Math.max(0, colon)).toLowerCase(), line.slice(colon + 1).trim()]
}

import { stripVTControlCharacters } from 'node:util'
import { hideSecrets } from './hide-secrets.ts'

/** What is kept of the end of what a program wrote, bytes. */
export const MAX_TAIL_BYTES: number = 16 * 1024

/** Lines at the end that tell what was wrong. */
export const MAX_TAIL_LINES = 5

/** Characters that are kept of a line. */
export const MAX_TAIL_LINE_LENGTH = 300

/** The end of what a program wrote, for people who want to know why it ended. */
export class LogTail {
  readonly #secrets: readonly string[]
  #bytes: Buffer = Buffer.alloc(0)
  /** Does it begin in the middle of a line? */
  #isCut = false

  /** @param secrets texts that are not shown, beside those that can be told by their form (`redactSecrets`) */
  constructor(secrets: readonly string[] = []) {
    this.#secrets = secrets
  }

  /** Takes what comes, in pieces of any size. They are copied, as far as they are kept. */
  push(bytes: Uint8Array): void {
    const kept = bytes.subarray(Math.max(0, bytes.length - MAX_TAIL_BYTES))
    const before = this.#bytes.subarray(Math.max(0, this.#bytes.length + kept.length - MAX_TAIL_BYTES))
    this.#isCut ||= before.length + kept.length < this.#bytes.length + bytes.length
    this.#bytes = Buffer.concat([before, kept])
  }

  /** The last lines, oldest first: without empty ones, secrets, and what steers a terminal. */
  get lines(): string[] {
    const text = stripVTControlCharacters(this.#bytes.toString('utf8'))
    const lines = text.split(/[\r\n]+/).slice(this.#isCut ? 1 : 0)
    return lines
      .map((line) => line.replace(/\p{Cc}+/gu, ' ').trim())
      .filter((line) => line !== '')
      .slice(-MAX_TAIL_LINES)
      .map((line) => shorten(hideSecrets(line, this.#secrets)))
  }

  /** The line that tells most: the last one that speaks of something wrong, else the last one; null if there is none. */
  get tellingLine(): string | null {
    const { lines } = this
    return lines.findLast((line) => WRONG.test(line) && !SAYS_NOTHING.test(line)) ?? lines.at(-1) ?? null
  }
}

function shorten(line: string): string {
  return line.length > MAX_TAIL_LINE_LENGTH ? `${line.slice(0, MAX_TAIL_LINE_LENGTH)}...` : line
}

const WRONG =
  /error|invalid|fail|unknown|unrecognized|unable|denied|refused|no such|not found|missing|can(?:'|no)t|could not|does not|timed out|broken pipe/i

/** FFmpeg's last words, whatever was wrong. */
const SAYS_NOTHING = /^Conversion failed!|^Error (?:opening|splitting|while) [^:]*\.$/

import { type Clock, redactSecrets } from '../../base/index.ts'
import type { Refusal } from '../../live/index.ts'

/** Refusals kept, the newest. */
export const MAX_KEPT_REFUSALS = 200

/** Kinds of refusal counted apart; a program's own codes count among them. More are counted together, as 'other'. */
export const MAX_COUNTED_REFUSAL_CODES = 100

/** Characters of each text of a refusal that are kept: what clients send may be long. */
export const MAX_REFUSAL_TEXT_LENGTH = 256

/** A client that was not let in, as `GET /api/v1/refusals/` shows it. No token stands in it. */
export type RefusalInfo = Readonly<{
  /** When, ms since the Unix epoch. */
  at_ms: number
  /** What it wanted: 'publish' or 'play'. */
  action: string
  /** How it came, e.g. 'rtmp' or 'hls'. */
  protocol: string
  /** Its IP address. */
  address: string
  /** Its id, as in the log. */
  client: string
  /** The virtual host it asked for. */
  vhost: string
  /** Application of the stream. */
  app: string
  /** Last part of the stream's path. */
  stream: string
  /** The page that embeds it; empty if it said none. */
  page_url: string
  /** Which check refused it, e.g. 'refer', 'security', 'token' or 'stream'. */
  link: string
  /** Why, for programs, e.g. 'token_expired'. */
  code: string
  /** The number that SRS has for it, or null. */
  srs_code: number | null
  /** Why, for people. */
  reason: string
}>

/** The newest refusals, and how many there were by code. */
export class Refusals {
  readonly #clock: Clock
  readonly #kept: RefusalInfo[] = []
  readonly #counts = new Map<string, number>()
  #total = 0

  /** @param clock times them */
  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The newest MAX_KEPT_REFUSALS, newest first. */
  get newest(): RefusalInfo[] {
    return this.#kept.toReversed()
  }

  /** The newest; null before the first. */
  get latest(): RefusalInfo | null {
    return this.#kept.at(-1) ?? null
  }

  /** All since the start. */
  get total(): number {
    return this.#total
  }

  /** All since the start, by code. */
  get counts(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }

  /** Remembers one; the oldest is forgotten past MAX_KEPT_REFUSALS. */
  add(refusal: Refusal): void {
    this.#total++
    const { code } = refusal
    const isCounted = this.#counts.has(code) || this.#counts.size < MAX_COUNTED_REFUSAL_CODES
    const counted = isCounted ? code : 'other'
    this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1)
    if (this.#kept.length === MAX_KEPT_REFUSALS) {
      this.#kept.shift()
    }
    this.#kept.push(this.#describe(refusal))
  }

  #describe({ action, request, link, code, srsCode, reason }: Refusal): RefusalInfo {
    const { client, name, vhost, pageUrl } = request
    return {
      at_ms: this.#clock.wallTime(),
      action,
      protocol: client.protocol,
      address: client.address,
      client: client.id,
      vhost: shown(vhost),
      app: shown(name.app),
      stream: shown(name.stream),
      page_url: shown(pageUrl),
      link,
      code,
      srs_code: srsCode ?? null,
      reason: shown(reason),
    }
  }
}

function shown(text: string): string {
  const redacted = redactSecrets(text)
  return redacted.length > MAX_REFUSAL_TEXT_LENGTH
    ? `${redacted.slice(0, MAX_REFUSAL_TEXT_LENGTH - 1)}…`
    : redacted
}

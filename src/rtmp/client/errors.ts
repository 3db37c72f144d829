import { RejectedError, readSaid } from '../../base/index.ts'
import type { Amf0Object } from '../../media/index.ts'

/** Where a server sends a client that it refuses: `ex` of SRS, Wowza and Adobe's server, code 302. */
export type RtmpRedirect = Readonly<{
  /** `tcUrl` to connect to in place of the one refused. */
  tcUrl: string
  /** The whole address with the stream, if the server says it (SRS: `redirect2`); else null. */
  url: string | null
}>

/** What a server says when it refuses. */
export type RtmpRefusal = Readonly<{
  /** What was asked for, e.g. 'connect' or 'publish'. */
  command: string
  /** Code of the information object, e.g. 'NetStream.Publish.BadName'; '' if the server said none. */
  status: string
  /** Its words for a person; '' if the server said none. */
  description: string
  /** Where to go instead; null if the server does not say. */
  redirect: RtmpRedirect | null
  /** All of the information object; null if there was none. */
  information: Amf0Object | null
}>

/** Another server said no: to connect, publish or play, or in the middle of it. */
export class RtmpRefusedError extends RejectedError {
  /** What the server said. */
  readonly refusal: RtmpRefusal

  /** @param refusal what the server said; the message has the beginning of it (`MAX_SAID_LENGTH`) */
  constructor(refusal: RtmpRefusal) {
    const words = [refusal.status, refusal.description].map(readSaid)
    const said = words.filter((each) => each !== '').join(': ')
    super(`the server refused ${refusal.command}${said === '' ? '' : `: ${said}`}`)
    this.refusal = refusal
  }
}

import type { StreamRequest } from './client.ts'
import type { ConnectionTotals } from './client-connection.ts'
import type { EndReason } from './sink.ts'
import type { Stream } from './stream.ts'
import type { StreamName } from './stream-name.ts'

/** Values of `Takeover`. */
export const TAKEOVERS = ['refuse', 'replace', 'replace-if-silent'] as const

/**
 * What becomes of a publisher of a stream that somebody publishes already: `refuse` it; let it `replace` the present one at
 * once; or `replace-if-silent`: wait until it is known whether the present one sends, and refuse only then.
 */
export type Takeover = (typeof TAKEOVERS)[number]

/** Admission's yes. */
export type Permission = Readonly<{
  allowed: true
  /** What becomes of this publisher if somebody publishes the stream already; left out: what the options say. */
  takeover?: Takeover
  /** Whether it also holds for an address, where it was given to one: an HLS viewer has no connection. Left out: for any. */
  holdsFor?: (address: string) => boolean
}>

/** Admission's no. */
export type Denial = Readonly<{
  allowed: false
  /** A sentence for people; goes to the log, the API and the client. No secrets. */
  reason: string
  /** Which check refused, e.g. 'refer'. Left out: 'admission'. */
  link?: string
  /** Stable, for programs, e.g. 'token_expired'. Left out: the same as `link`. */
  code?: string
  /** The number that SRS has for it, if it has one. */
  srsCode?: number
  /** The whole address of the stream at another server, which a client that can is sent on to. Left out: none. */
  redirect?: string
}>

/** Admission's answer. */
export type Decision = Permission | Denial

/** A client that was not let in. */
export type Refusal = Readonly<{
  /** What it wanted. */
  action: 'publish' | 'play'
  /** Who wanted what. */
  request: StreamRequest
}> &
  Omit<Required<Denial>, 'allowed' | 'srsCode' | 'redirect'> &
  Pick<Denial, 'srsCode' | 'redirect'>

/**
 * The port that says who may do what. Awaited before any start status is sent, so a refused client never sees a start.
 * An implementation that throws refuses, with the error's message as the reason in the log.
 */
export interface Admission {
  /**
   * May this client be here? Asked once for each client and virtual host, before it is first asked whether it may publish or play
   * there; of the request it is only known what it will ask for next.
   */
  mayConnect(request: StreamRequest): Promise<Decision>
  /** May this client publish this stream? */
  mayPublish(request: StreamRequest): Promise<Decision>
  /** May this client play this stream? Asked once per viewer, not per segment. */
  mayPlay(request: StreamRequest): Promise<Decision>
}

/** Lets everyone do everything; the default. */
export const openAdmission: Admission = {
  mayConnect: async () => ({ allowed: true }),
  mayPublish: async () => ({ allowed: true }),
  mayPlay: async () => ({ allowed: true }),
}

/**
 * The port that is told what happened. Never waited for: media does not stop for a listener. Errors are logged.
 */
export interface StreamEvents {
  /** A publisher was admitted and begins. */
  onPublish(request: StreamRequest): Promise<void>
  /** A publisher that had begun is gone. */
  onUnpublish(request: StreamRequest, reason: EndReason): Promise<void>
  /** A player was admitted and begins. */
  onPlay(request: StreamRequest): Promise<void>
  /** A player that had begun is gone. */
  onStop(request: StreamRequest, reason: EndReason): Promise<void>
  /** A client was not let in, by admission or by the stream itself. */
  onRefused(refusal: Refusal): Promise<void>
  /**
   * Admission has said yes, and nothing begins all the same: the client left, or was disconnected, while it was asked, or was refused
   * after that.
   */
  onAbandoned(action: Refusal['action'], request: StreamRequest): Promise<void>
  /**
   * A client is gone whose `mayConnect` was answered with yes: told once for each virtual host that said so, after the end of whatever it
   * published and played.
   * @param request the one that `mayConnect` was asked about
   * @param totals of the whole connection
   */
  onClose(request: StreamRequest, totals: ConnectionTotals): Promise<void>
}

/** Hears nothing; the default. */
export const noStreamEvents: StreamEvents = {
  onPublish: async () => {},
  onUnpublish: async () => {},
  onPlay: async () => {},
  onStop: async () => {},
  onRefused: async () => {},
  onAbandoned: async () => {},
  onClose: async () => {},
}

/** What publishes into a stream, as seen by the stream. */
export interface Source {
  /** The stream takes nothing more from it: another publisher took over, or the stream was closed. */
  onRevoked(reason: EndReason): void
  /** Somebody waits for what it has sent but is left unread yet (`Publication.mayBeLateMs`): it is to be read now. */
  onAwaited?(): void
}

/** Why a stream is not there that was to be fetched from elsewhere. */
export type Absence = Readonly<{
  /**
   * `not-found`: nobody has it. `refused`: who has it does not let us have it. `unavailable`: who may have it can't be reached.
   */
  code: 'not-found' | 'refused' | 'unavailable'
  /** A sentence for people, without secrets. */
  reason: string
}>

/** Somewhere else takes what a publisher sends here. */
export interface Onward {
  /** The publication has begun. */
  begin(stream: Stream): void
  /** It will not begin: lets go. */
  cancel(): void
}

/**
 * The port to where streams come from that nobody publishes here, and where those go to that somebody does: the origins of an
 * edge. Asked for every stream; virtual hosts that are no edges have none.
 */
export interface StreamSupply {
  /** Whether a stream of that name is fetched while somebody watches it and nobody publishes it here. */
  supplies(name: StreamName): boolean
  /**
   * Why a viewer that admission lets in may not have what it asks for: it can't be fetched just now, or from where it is fetched it
   * may not be had by this viewer. Null if it may.
   */
  denial(request: StreamRequest): Promise<Denial | null> | Denial | null
  /** A viewer of a stream was let in, and is about to be counted. */
  onViewer(stream: Stream, request: StreamRequest): void
  /** A publication of a stream has begun or ended, whoever's it is. */
  onPublicationChange(stream: Stream): void
  /**
   * Waits until a stream that has a viewer is published, or it is known that it won't be for now.
   * @param signal ends the wait, with its reason as the error
   * @returns null once it is published
   */
  arrival(stream: Stream, signal: AbortSignal): Promise<Absence | null>
  /**
   * Asks whether a publisher that admission lets in is taken elsewhere as well.
   * @returns null if it need not be; the promise rejects with a RejectedError that has the reason if it must be, and is not
   */
  takeOnward(request: StreamRequest): Promise<Onward> | null
}

/** Has nothing; the default. */
export const noStreamSupply: StreamSupply = {
  supplies: () => false,
  denial: () => null,
  onViewer: () => {},
  onPublicationChange: () => {},
  arrival: async () => ({ code: 'not-found', reason: 'nobody publishes it' }),
  takeOnward: () => null,
}

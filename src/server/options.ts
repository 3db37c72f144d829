import type { Clock, Logger } from '../base/index.ts'
import type { ServerSettings } from '../control/index.ts'
import type { StreamRequest, Takeover } from '../live/index.ts'

/**
 * What a program answers when it is asked whether a client may publish or play: `true` or nothing allows; `false` or a
 * reason refuses. `{ takeover }` allows, and says what becomes of this publisher if somebody publishes the stream already.
 * `{ redirect }` refuses, and sends RTMP clients that can on to the whole address of the stream at another server.
 * A function that throws refuses, with the error's message as the reason.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that ends without a return allows.
export type Answer = boolean | string | Readonly<{ takeover: Takeover } | { redirect: string }> | void

/** Asked before a client begins; the client waits for the answer and sees no start status before it. */
export type Ask = (request: StreamRequest) => Answer | Promise<Answer>

/** Options of `createServer`: the settings that a configuration file can hold, and what only a program can give. */
export type ServerOptions = ServerSettings &
  Readonly<{
    /** May this client publish? Default: everybody may. */
    onPublish?: Ask
    /** May this client play? Default: everybody may. */
    onPlay?: Ask
    /** Default: says nothing. A pino logger fits. */
    logger?: Logger
    /** Default: the machine's. */
    clock?: Clock
  }>

/** The settings among options: a copy, which nobody else changes. */
export function settingsOf(options: ServerOptions): ServerSettings {
  const { onPublish: _publish, onPlay: _play, logger: _logger, clock: _clock, ...settings } = options
  return structuredClone(settings)
}

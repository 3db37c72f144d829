import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import { RejectedError } from '../base/index.ts'
import type { StreamRequest } from './client.ts'
import type { Takeover } from './ports.ts'
import type { Publication } from './publication.ts'
import type { Stream } from './stream.ts'

/** How publishers take over. A change counts for publishers that come from then on. */
export type TakeoverOptions = Readonly<{
  /** For publishers of whom admission says nothing else. Default `replace-if-silent`. */
  takeover: Takeover
  /**
   * A publisher that has sent nothing for so long gives way with `replace-if-silent`, ms: it is most likely half-open.
   * Default 2000.
   */
  takeoverSilenceMs: number
}>

/** The defaults of `TakeoverOptions`. */
export const defaultTakeoverOptions: TakeoverOptions = {
  takeover: 'replace-if-silent',
  takeoverSilenceMs: 2_000,
}

/**
 * Frees a stream for a publisher: nobody publishes it when this resolves, or nobody did at that moment.
 * @param options with the policy for this very publisher
 * @param requirePresent asked behind a wait, before anybody goes: throws if the publisher itself has left meanwhile
 * @returns nothing to wait for if the stream is free at once
 * @throws RejectedError, naming who publishes, if the present publisher stays
 */
export function freeForPublisher(
  stream: Stream,
  request: StreamRequest,
  { takeover, takeoverSilenceMs }: TakeoverOptions,
  requirePresent: () => void,
): Promise<void> | undefined {
  const present = stream.publication
  if (present === null) {
    return undefined
  }
  if (present.client.protocol === 'edge') {
    // Who publishes here goes before what is fetched while nobody does.
    replace(present, request, 'replaced')
    return undefined
  }
  switch (takeover) {
    case 'refuse':
      throw busy(stream, present)
    case 'replace':
      replace(present, request, 'replaced')
      return undefined
    case 'replace-if-silent':
      return replaceIfSilent(stream, present, request, takeoverSilenceMs, requirePresent)
  }
}

async function replaceIfSilent(
  stream: Stream,
  present: Publication,
  request: StreamRequest,
  silenceMs: number,
  requirePresent: () => void,
): Promise<void> {
  const askedAt = present.lastWriteAt + present.silentMs
  for (;;) {
    const { lastWriteAt } = present
    if (present.silentMs < silenceMs) {
      await delay(silenceMs - present.silentMs, undefined, { ref: false })
    }
    // Where the process stood still for so long, what the present one has sent meanwhile is there and not read yet.
    await turn()
    requirePresent()
    const still = stream.publication
    if (still === null) {
      return
    }
    // Timers may be a little early: who has sent nothing since is silent, whatever the clock says.
    if (still.silentMs >= silenceMs || (still === present && still.lastWriteAt === lastWriteAt)) {
      replace(still, request, `silent for ${Math.round(still.silentMs)} ms and replaced`)
      return
    }
    // Who sends goes on doing so. What came only soon after this began was sent before, and read late (`mayBeLateMs`).
    if (still !== present || still.lastWriteAt - askedAt > silenceMs / 2) {
      throw busy(stream, still)
    }
  }
}

function replace(present: Publication, { client }: StreamRequest, how: string): void {
  present.revoke({ code: 'replaced', message: `${how} by ${client.id} (${client.address})` })
}

function busy({ key }: Stream, { client }: Publication): RejectedError {
  return new RejectedError(`stream ${key} is busy: ${client.id} (${client.address}) is publishing it`)
}

import { ServerError } from '../base/index.ts'
import { readHttpFlv } from '../http/index.ts'
import { FlvTagType } from '../media/index.ts'
import type { TlsClientOptions } from '../net/index.ts'
import { type MediaPacket, RtmpPlayer } from '../rtmp/index.ts'

/** What `srs play` plays; left by its `return`, as a loop does. */
export type MediaSource = AsyncIterableIterator<MediaPacket>

const KINDS = {
  [FlvTagType.audio]: 'audio',
  [FlvTagType.video]: 'video',
  [FlvTagType.script]: 'data',
} as const

/**
 * Opens what a URL names: RTMP, RTMPS, or an FLV stream over HTTP.
 * @param signal ends it at once, by an error
 * @throws ServerError ERR_CONFIGURATION if it names nothing that can be played; and what players throw
 */
export async function openMediaSource(
  url: string,
  { tls, signal }: { tls: TlsClientOptions; signal: AbortSignal },
): Promise<MediaSource> {
  if (/^https?:\/\//i.test(url)) {
    return readPackets(url, signal)
  }
  if (/^rtmps?:\/\//i.test(url)) {
    return await RtmpPlayer.play(url, { tls, signal })
  }
  throw new ServerError(
    'ERR_CONFIGURATION',
    `'${url}' can't be played: it must begin with rtmp://, rtmps://, http:// or https://`,
  )
}

async function* readPackets(url: string, signal: AbortSignal): AsyncGenerator<MediaPacket, void> {
  for await (const { type, timestampMs, body } of readHttpFlv(url, { signal })) {
    yield { kind: KINDS[type], timestamp: timestampMs, body }
  }
}

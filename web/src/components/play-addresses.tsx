import type { JSX } from 'preact'
import { mediaBase, rtmpOrigins } from '../store.ts'
import { playUrls } from '../urls.ts'
import { CopyRow } from './copy-row.tsx'

/** The addresses of a stream, to be taken to another player. */
export function PlayAddresses({ path }: { path: string }): JSX.Element {
  const urls = playUrls(path, rtmpOrigins.value, mediaBase.value)
  return (
    <section class="card" aria-labelledby="addresses-title">
      <div class="card-head">
        <h2 id="addresses-title">Play elsewhere</h2>
      </div>
      {urls.rtmp !== null && <CopyRow label="RTMP" text={urls.rtmp} />}
      {urls.rtmps !== null && <CopyRow label="RTMPS" text={urls.rtmps} />}
      <CopyRow label="HTTP-FLV" text={urls.flv} />
      <CopyRow label="WS-FLV" text={urls.ws} />
      <CopyRow label="HLS" text={urls.m3u8} />
    </section>
  )
}

import type { JSX } from 'preact'
import { encodePath, splitVhost } from '../route.ts'
import { rtmpOrigins, session } from '../store.ts'
import { rtmpPath } from '../urls.ts'
import { CopyRow } from './copy-row.tsx'

const DEFAULT_PATH = '/live/demo'
/** A key frame every 2 s at 30 frames a second, as HLS needs them; no B-frames, as low latency does. */
const ENCODER_OPTIONS =
  '-c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p -g 60 -c:a aac -f flv'
const TEST_PICTURE = '-re -f lavfi -i testsrc2=size=1280x720:rate=30 -f lavfi -i sine=frequency=440'

/** How to publish a stream to this server: for an encoder with fields to fill in, and as a command. */
export function PublishSteps({ path = DEFAULT_PATH }: { path?: string }): JSX.Element {
  const { vhost, path: plain } = splitVhost(path)
  const slash = plain.lastIndexOf('/')
  const app = encodePath(plain.slice(0, slash))
  const { rtmp, rtmps } = rtmpOrigins.value
  const server = `${rtmp ?? rtmps}${app}`
  const name = plain.slice(slash + 1)
  const key = vhost === null ? name : `${name}?vhost=${vhost}`
  const command = `ffmpeg ${TEST_PICTURE} ${ENCODER_OPTIONS} ${inShell(`${rtmp ?? rtmps}${rtmpPath(path)}`)}`
  return (
    <div class="publish-steps">
      <p class="muted">In OBS: Settings, Stream, Service “Custom…”.</p>
      <CopyRow label="Server" text={server} />
      {rtmp !== null && rtmps !== null && <CopyRow label="Server, encrypted" text={`${rtmps}${app}`} />}
      <CopyRow label="Stream key" text={key} />
      <CopyRow label="FFmpeg, a test picture" text={command} />
    </div>
  )
}

/** An address as a shell takes it: in quotes if there is a query. */
function inShell(address: string): string {
  return address.includes('?') ? `'${address}'` : address
}

/** The same, folded away while the chosen stream has a publisher. */
export function PublishCard({ path }: { path: string }): JSX.Element {
  return (
    <details class="card publish-card" open={session.view.value.reason === 'off-air'}>
      <summary>
        <h2>Publish a stream</h2>
      </summary>
      <PublishSteps path={path} />
    </details>
  )
}

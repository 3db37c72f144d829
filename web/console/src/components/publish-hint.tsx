import type { JSX } from 'preact'
import { rtmpOrigins } from '../console.ts'
import { CopyText } from './copy-text.tsx'
import { Icon } from './icon.tsx'

const TEST_PICTURE =
  '-re -f lavfi -i testsrc2=size=1280x720:rate=30 -f lavfi -i sine=frequency=440 -c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p -g 60 -c:a aac -f flv'

/** Nobody publishes: how to. */
export function PublishHint(): JSX.Element {
  const { rtmp, rtmps } = rtmpOrigins.value
  const origin = rtmp ?? rtmps ?? ''
  return (
    <section class="card panel hint">
      <div class="hint-head">
        <span class="hint-icon">
          <Icon name="antenna" />
        </span>
        <div>
          <h2>Nobody publishes</h2>
          <p>Send a stream here; it appears by itself. In OBS: Settings, Stream, Service “Custom…”.</p>
        </div>
      </div>
      <div class="hint-rows">
        <CopyText label="Server" text={`${origin}/live`} />
        {rtmp !== null && rtmps !== null && <CopyText label="Server, encrypted" text={`${rtmps}/live`} />}
        <CopyText label="Stream key" text="demo" />
        <CopyText label="FFmpeg, a test picture" text={`ffmpeg ${TEST_PICTURE} ${origin}/live/demo`} />
      </div>
    </section>
  )
}

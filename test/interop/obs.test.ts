import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Frame, Server } from '../../src/index.ts'
import { COMMON_OF_TS, FfmpegPlayer, type Packet, requireRun, type Track } from '../support/packets.ts'
import { type Program, startProgram } from '../support/program.ts'
import { type Scope, startServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'

/** OBS may take so long to start, ms. */
const START_TIMEOUT_MS = 60_000
/** Each player is to get so many pictures, of 30 a second. */
const PICTURES = 75
/** What stands in a tag body before the payload: a header of FLV, and of H.264 or AAC. */
const HEADER_BYTES = { video: 5, audio: 2 }

/** A frame as FFmpeg's players tell packets. */
function packetOf({ kind, timestamp, compositionOffset, body }: Frame): Packet {
  const payload = body.subarray(kind === 'video' ? HEADER_BYTES.video : HEADER_BYTES.audio)
  const hash = createHash('md5').update(payload).digest('hex')
  return { dts: timestamp, pts: timestamp + compositionOffset, hash }
}

/** Has the real OBS Studio publish, without a screen, until the end of the test. */
function startObs(scope: Scope, serverUrl: string, key: string): Program {
  const obs = startProgram(scope, ['bash', 'test/support/obs-publish.sh', serverUrl, key])
  // Told to end, it ends what it started, too.
  scope.onTestFinished(async () => {
    obs.kill('SIGTERM')
    await obs.exited
  })
  return obs
}

/** Keeps what a stream's publisher sends, for as long as the stream is there. */
async function collect(server: Server, path: string, sent: Record<Track, Packet[]>): Promise<void> {
  for await (const frame of server.frames(path)) {
    if (frame.kind !== 'data' && !frame.sequenceHeader) {
      sent[frame.kind === 'video' ? 'v' : 'a'].push(packetOf(frame))
    }
  }
}

it('OBS Studio publishes what FFmpeg plays over RTMP, HTTP-FLV and HLS, packet by packet', async (context) => {
  const { server, rtmpUrl, httpUrl } = await startServer(context, { hls: { fragmentMs: 1000 } })
  const obs = startObs(context, `${rtmpUrl}/live`, 'obs')
  await waitFor(
    () => `a publication; OBS said last:\n${obs.output.split('\n').slice(-15).join('\n')}`,
    () => server.stream('live/obs')?.publication,
    START_TIMEOUT_MS,
  )
  const sent: Record<Track, Packet[]> = { v: [], a: [] }
  const collecting = collect(server, 'live/obs', sent)

  const rtmp = new FfmpegPlayer(context, { url: `${rtmpUrl}/live/obs` })
  const flv = new FfmpegPlayer(context, { url: `${httpUrl}/live/obs.flv` })
  const hls = new FfmpegPlayer(context, { url: `${httpUrl}/live/obs.m3u8`, filters: COMMON_OF_TS })
  await Promise.all([rtmp, flv, hls].map((player) => player.atLeast('v', PICTURES)))
  for (const player of [rtmp, flv]) {
    const video = requireRun(player.packets('v'), sent.v)
    const audio = requireRun(player.packets('a'), sent.a)
    expect(audio.offsetMs, 'one constant for both tracks').toBe(video.offsetMs)
  }
  // Of MPEG-TS, the pictures are packed otherwise; the sounds are the same.
  requireRun(hls.packets('a'), sent.a)
  for (const player of [rtmp, flv, hls]) {
    player.requireWell()
  }
  await server.close()
  await collecting
})

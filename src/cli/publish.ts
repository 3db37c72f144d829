import process from 'node:process'
import { Command } from 'commander'
import { PacedFile, type PacedTag } from '../ingest/index.ts'
import { FlvTagType } from '../media/index.ts'
import { type MediaPacket, RtmpPublisher } from '../rtmp/index.ts'
import { reportFailure } from './failure.ts'
import { untilInterrupted } from './interruption.ts'
import { MediaMeter } from './media-meter.ts'
import { showProgress } from './progress.ts'

type Arguments = { loop?: boolean; insecure?: boolean }

/** The command `srs publish`: publishes a file in real time, as an encoder would. */
export function createPublishCommand(): Command {
  return new Command('publish')
    .description('Publish an FLV or MP4 file to any RTMP server, in real time.')
    .argument('<FILE>', 'an FLV or MP4 file: H.264, HEVC, AAC and others')
    .argument('<URL>', 'rtmp://host/app/stream or rtmps://...')
    .option('--loop', 'begin again at the end, without a jump in time, until Ctrl-C')
    .option('--insecure', 'with rtmps://, believe any certificate')
    .addHelpText(
      'after',
      `
Exit code: 0 at the end of the file, or after Ctrl-C; 1 if the server refused, the connection was lost or
the file can't be read; 2 if an argument can't be used.

Examples:
  srs publish clip.flv rtmp://localhost/live/demo
  srs publish --loop clip.mp4 'rtmp://localhost/live/demo?token=secret'`,
    )
    .action((path: string, url: string, given: Arguments) =>
      reportFailure('srs publish', () =>
        untilInterrupted((interruption) => run(path, url, given, interruption)),
      ),
    )
}

async function run(path: string, url: string, given: Arguments, interruption: AbortSignal): Promise<void> {
  const loop = given.loop === true
  const file = new PacedFile({ path, loop })
  for (const warning of await file.check()) {
    process.stderr.write(`srs publish: ${warning}\n`)
  }
  const publisher = await connect(url, given.insecure === true, interruption)
  if (publisher === null) {
    return
  }
  const meter = new MediaMeter(performance.now())
  let rounds = 0
  const onInterruption = (): void => {
    file.stop()
    // Also ends a write that waits for the server.
    void publisher.close()
  }
  interruption.addEventListener('abort', onInterruption)
  const endProgress = showProgress(
    () => `${meter.describeProgress(performance.now())}${loop ? `  round ${rounds}` : ''}`,
  )
  try {
    await file.play((paced) => {
      rounds = paced.round + 1
      const packet = toPacket(paced)
      if (packet === null) {
        return undefined
      }
      meter.onPacket(packet)
      return publisher.write(packet)
    })
  } catch (error) {
    if (!interruption.aborted) {
      throw error
    }
  } finally {
    endProgress()
    interruption.removeEventListener('abort', onInterruption)
    await publisher.close()
  }
  process.stderr.write(`srs publish: in all ${meter.describeAll(performance.now()).trim()}\n`)
}

/** Null if Ctrl-C came first. */
async function connect(
  url: string,
  insecure: boolean,
  interruption: AbortSignal,
): Promise<RtmpPublisher | null> {
  // Only while it connects: later, an interruption unpublishes in an orderly way.
  const connecting = new AbortController()
  const giveUp = (): void => connecting.abort()
  interruption.addEventListener('abort', giveUp)
  try {
    const tls = insecure ? { rejectUnauthorized: false } : {}
    return await RtmpPublisher.publish(url, { tls, signal: connecting.signal })
  } catch (error) {
    if (interruption.aborted) {
      return null
    }
    throw error
  } finally {
    interruption.removeEventListener('abort', giveUp)
  }
}

function toPacket({ type, body, positionMs, round }: PacedTag): MediaPacket | null {
  switch (type) {
    case FlvTagType.script:
      // Once is enough: metadata describes all rounds.
      return round === 0 ? { kind: 'data', timestamp: positionMs, body } : null
    case FlvTagType.audio:
      return { kind: 'audio', timestamp: positionMs, body }
    case FlvTagType.video:
      return { kind: 'video', timestamp: positionMs, body }
  }
}

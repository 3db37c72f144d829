import process from 'node:process'
import { Command, InvalidArgumentError } from 'commander'
import { ProtocolError, ServerError } from '../base/index.ts'
import type { MediaPacket } from '../rtmp/index.ts'
import { reportFailure } from './failure.ts'
import { FlvRecording, type RecordingOutput } from './flv-recording.ts'
import { untilInterrupted } from './interruption.ts'
import { MediaMeter } from './media-meter.ts'
import { type MediaSource, openMediaSource } from './media-source.ts'
import { showProgress } from './progress.ts'
import { type OpenOutput, openOutput } from './recording-output.ts'

type Arguments = { output?: string; seconds?: number; insecure?: boolean }

/** The command `srs play`: plays a stream, shows what comes, and records it. */
export function createPlayCommand(): Command {
  return new Command('play')
    .description('Play a stream of any RTMP or HTTP-FLV server, show what comes, and record it as FLV.')
    .argument('<URL>', 'rtmp://host/app/stream, rtmps://..., or http(s)://host/app/stream.flv')
    .option('-o, --output <FILE>', 'record into an FLV file, in place of what is there; -: standard output')
    .option(
      '--seconds <N>',
      'end after N seconds of the stream (default: at its end, or Ctrl-C)',
      parseSeconds,
    )
    .option('--insecure', 'with rtmps://, believe any certificate')
    .addHelpText(
      'after',
      `
Exit code: 0 if something was played, also after Ctrl-C; 1 if nothing was, or the connection was lost;
2 if an argument can't be used.

Examples:
  srs play rtmp://localhost/live/demo
  srs play -o out.flv --seconds 10 rtmp://localhost/live/demo
  srs play -o - rtmp://localhost/live/demo | ffplay -`,
    )
    .action((url: string, given: Arguments) =>
      reportFailure('srs play', () => untilInterrupted((interruption) => run(url, given, interruption))),
    )
}

async function run(url: string, given: Arguments, interruption: AbortSignal): Promise<void> {
  const tls = given.insecure === true ? { rejectUnauthorized: false } : {}
  const lengthMs = (given.seconds ?? Number.POSITIVE_INFINITY) * 1000
  const meter = new MediaMeter(performance.now())
  try {
    const source = await openMediaSource(url, { tls, signal: interruption })
    const output = await openOutputFor(source, given.output)
    await record(source, output, meter, lengthMs).finally(() => output.close())
    if (!meter.hasMedia) {
      throw new ServerError('ERR_CONNECTION', 'the stream ended before there was a picture or a sound')
    }
  } catch (error) {
    // Who reads our standard output may have enough at any time.
    if (!interruption.aborted && !isBrokenPipe(error)) {
      throw error
    }
  }
  process.stderr.write(`srs play: in all ${meter.describeAll(performance.now()).trim()}\n`)
}

/** Opens where the source goes; if that can't be had, the source is left. */
async function openOutputFor(source: MediaSource, path: string | undefined): Promise<OpenOutput> {
  try {
    return path === undefined ? NOWHERE : await openOutput(path)
  } catch (error) {
    await source.return?.()
    throw error
  }
}

/** Records until the source ends or there is enough; the recording is complete whatever ends it. */
async function record(
  source: MediaSource,
  output: RecordingOutput,
  meter: MediaMeter,
  lengthMs: number,
): Promise<void> {
  const recording = new FlvRecording(output)
  const endProgress = showProgress(() => meter.describeProgress(performance.now()))
  try {
    for await (const packet of source) {
      meter.onPacket(packet)
      await writeReadable(recording, packet)
      if (recording.lengthMs >= lengthMs) {
        return
      }
    }
  } finally {
    endProgress()
    await recording.end()
  }
}

/** One odd packet is left out; the meter has counted it. */
async function writeReadable(recording: FlvRecording, packet: MediaPacket): Promise<void> {
  try {
    await recording.write(packet)
  } catch (error) {
    if (!(error instanceof ProtocolError)) {
      throw error
    }
  }
}

const NOWHERE: OpenOutput = { write: async () => {}, overwrite: null, close: async () => {} }

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
}

function parseSeconds(text: string): number {
  if (!/^\d{1,9}(\.\d+)?$/.test(text) || Number(text) === 0) {
    throw new InvalidArgumentError('It must be a number of seconds, more than 0.')
  }
  return Number(text)
}

import process from 'node:process'
import { Command, InvalidArgumentError, Option } from 'commander'
import { DEFAULT_JOINS_PER_SECOND, type LoadOptions, runLoad } from '../load/index.ts'
import { EXIT_FAULT } from './exit-codes.ts'
import { reportFailure } from './failure.ts'
import { untilInterrupted } from './interruption.ts'
import { describeProgress, describeReport, isWell } from './load-text.ts'

type Arguments = {
  players: number
  publishers: number
  publishTo?: string
  streams?: number
  bitrate: number
  fps: number
  gop: number
  audio: 'on' | 'off'
  duration: number
  ramp?: number
  sample: number
  processes: number
  stall: number
  insecure?: boolean
  json?: boolean
}

/** The command `srs load`: puts players and publishers on a server and tells what they got. */
export function createLoadCommand(): Command {
  return new Command('load')
    .description('Put players and publishers on a server, and tell what they got.')
    .argument(
      '<URL>',
      'rtmp://host/app/stream, http://host/app/stream.flv or ws://host/app/stream.flv, or the same over TLS',
    )
    .option('--players <N>', 'players', parseCount, 0)
    .option(
      '--publishers <N>',
      'publishers; more than one number their streams: load0, load1 ...',
      parseCount,
      0,
    )
    .option('--publish-to <URL>', 'where publishers go, if players go by HTTP or WebSocket')
    .option('--streams <N>', 'players are spread over N streams (default: as many as publishers)', parseCount)
    .option('--bitrate <RATE>', 'of a published stream, bit/s: 500k, 2.5M', parseBitrate, 500_000)
    .option('--fps <N>', 'video frames a second of a published stream', parseNumber, 25)
    .option('--gop <N>', 'frames from keyframe to keyframe of a published stream', parseCount, 50)
    .addOption(new Option('--audio <ON>', 'audio in published streams').choices(['on', 'off']).default('on'))
    .option('--duration <S>', 'seconds to go on when all have joined; 0: until Ctrl-C', parseNumber, 30)
    .option(
      '--ramp <S>',
      `seconds to join in (default: ${DEFAULT_JOINS_PER_SECOND} joins a second)`,
      parseNumber,
    )
    .option('--sample <K>', 'players that understand all they get; the others count bytes', parseCount, 10)
    .option('--processes <P>', 'processes to split the load over', parseCount, 1)
    .option('--stall <MS>', 'a longer time without anything is a stall, ms', parseNumber, 200)
    .option('--insecure', 'over TLS, accept any certificate')
    .option('--json', 'the report as JSON')
    .addHelpText(
      'after',
      `
Exit code: 0 if all were let in and stayed and time never went back, else 1; 2 if an option can't be used.

Examples:
  srs load --publishers 1 --players 1000 rtmp://localhost/live/demo
  srs load --publishers 100 rtmp://localhost/live/load
  srs load --players 1000 http://localhost:8080/live/demo.flv`,
    )
    .action((url: string, given: Arguments) =>
      reportFailure('srs load', () =>
        untilInterrupted((signal) => run(toLoadOptions(url, given), given.json ?? false, signal)),
      ),
    )
}

function toLoadOptions(url: string, given: Arguments): LoadOptions {
  const { publishTo, streams, ramp } = given
  return {
    url,
    ...(publishTo === undefined ? {} : { publishUrl: publishTo }),
    players: given.players,
    publishers: given.publishers,
    ...(streams === undefined ? {} : { streams }),
    bitrate: given.bitrate,
    framesPerSecond: given.fps,
    gopFrames: given.gop,
    audio: given.audio === 'on',
    durationSeconds: given.duration === 0 ? Number.POSITIVE_INFINITY : given.duration,
    ...(ramp === undefined ? {} : { rampSeconds: ramp }),
    sampledPlayers: given.sample,
    processes: given.processes,
    stallMs: given.stall,
    insecure: given.insecure ?? false,
  }
}

async function run(options: LoadOptions, json: boolean, signal: AbortSignal): Promise<void> {
  const report = await runLoad({ ...options, signal }, (progress) =>
    process.stderr.write(`${describeProgress(progress, options)}\n`),
  )
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : describeReport(report, options))
  process.exitCode = isWell(report) ? 0 : EXIT_FAULT
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new InvalidArgumentError('It must be a whole number.')
  }
  return Number(text)
}

function parseNumber(text: string): number {
  if (!/^\d{1,9}(\.\d+)?$/.test(text)) {
    throw new InvalidArgumentError('It must be a number, 0 or more.')
  }
  return Number(text)
}

function parseBitrate(text: string): number {
  const match = /^(\d{1,9}(?:\.\d+)?)([kM]?)$/.exec(text)
  if (match === null) {
    throw new InvalidArgumentError('It must be bit/s, e.g. 500k or 2.5M.')
  }
  return Math.round(Number(match[1]) * (match[2] === 'M' ? 1e6 : match[2] === 'k' ? 1e3 : 1))
}

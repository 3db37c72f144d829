import { ms, RejectedError } from '../../base/index.ts'
import { type LiveService, type StreamName, streamKey } from '../../live/index.ts'
import {
  type ChildPass,
  type EngineOptions,
  encodersOf,
  engineArguments,
  outputFolderOf,
  outputSecrets,
  showPass,
} from '../engine/index.ts'
import type { ProgramTask } from '../program/index.ts'
import { expandFileName, variableValuesOfName, wholeAddress } from '../variables/index.ts'
import type { IngestJob } from './ingest-job.ts'
import { requireUnpublished } from './published-here.ts'

/** What tasks of ingests are made with. */
export type IngestTaskSetup = Readonly<{
  /** The door to the streams. */
  live: LiveService
  /** What FFmpeg logs at least. */
  ffmpegLogLevel: () => string
  /** A pass for a program that is to publish a stream. */
  passFor: (action: 'publish', name: StreamName) => ChildPass
}>

/** FFmpeg for one output of an ingest. */
export function ingestTask(
  job: IngestJob,
  { live, ffmpegLogLevel, passFor }: IngestTaskSetup,
  onChange: () => void,
): ProgramTask {
  const { vhost, ingest, engine, target, output, problem } = job
  const pass = target === null ? null : passFor('publish', target)
  return {
    kind: 'ingest',
    vhost,
    stream: target === null ? ingest.id : streamKey(target),
    name: ingest.id,
    output: wholeAddress(output),
    logName: logNameOf(job),
    secrets: [
      ...secretsOf(engine.inputOptions),
      ...(pass === null ? outputSecrets(engine.output) : [pass.word]),
    ],
    isFfmpeg: true,
    encoders: encodersOf(engine),
    mayFinish: ingest.type === 'file',
    command: () => {
      if (problem !== null) {
        throw new RejectedError(`it can't be published there: ${problem}`)
      }
      if (target !== null) {
        requireUnpublished(live, target)
      }
      const shown = { ...job, output: showPass(output, pass) }
      const args = ingestArguments(shown, ffmpegLogLevel())
      const folder = outputFolderOf(engine, output)
      return { file: ingest.ffmpeg ?? 'ffmpeg', args, ...(folder === null ? {} : { folder }) }
    },
    onExit: () => pass?.close(),
    onChange,
  }
}

/** What FFmpeg is told, in the order of SRS. */
export function ingestArguments(
  { ingest: { type, url }, engine, output }: IngestJob,
  logLevel: string,
): string[] {
  return engineArguments(engine, {
    first: ['-loglevel', logLevel, ...(type === 'file' ? ['-re'] : [])],
    input: { options: [], address: url },
    output,
  })
}

function logNameOf({ vhost, ingest, target }: IngestJob): string {
  const name = target === null ? { app: '', stream: ingest.id } : target
  const values = variableValuesOfName({ ...name, vhost }, { port: 0, time: ms(0) })
  return expandFileName(`ffmpeg-ingest-[vhost]-${target === null ? '' : '[app]-'}[stream].log`, values)
}

/** Of options before an input, what lets in to it; FFmpeg quotes it when it fails. */
function secretsOf(options: EngineOptions['inputOptions']): string[] {
  return options.filter(([name]) => /header|cookie|pass|auth|key|token/i.test(name)).map(([, value]) => value)
}

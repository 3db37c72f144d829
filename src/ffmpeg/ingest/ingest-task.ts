import { type LiveService, streamKey } from '../../live/index.ts'
import type { ProgramTask } from '../program/index.ts'
import type { IngestJob } from './ingest-job.ts'
import { requireUnpublished } from './published-here.ts'

/** What tasks of ingests are made with. */
export type IngestTaskSetup = Readonly<{
  /** The door to the streams. */
  live: LiveService
  /** What FFmpeg logs at least. */
  ffmpegLogLevel: () => string
}>

/** FFmpeg for one output of an ingest. */
export function ingestTask(
  job: IngestJob,
  { live, ffmpegLogLevel }: IngestTaskSetup,
  onChange: () => void,
): ProgramTask {
  const { vhost, ingest, target, output } = job
  return {
    kind: 'ingest',
    vhost,
    stream: target === null ? ingest.id : streamKey(target),
    name: ingest.id,
    output,
    logName: `ffmpeg-ingest-${vhost}.log`,
    isFfmpeg: true,
    encoders: [],
    // What a file or a camera lacks today it may have tomorrow.
    isNeverGivenUp: true,
    mayFinish: ingest.type === 'file',
    command: () => {
      if (target !== null) {
        requireUnpublished(live, target)
      }
      return { file: ingest.ffmpeg ?? 'ffmpeg', args: ingestArguments(job, ffmpegLogLevel()) }
    },
    onChange,
  }
}

/** What FFmpeg is told, in the order of SRS. */
export function ingestArguments({ ingest: { type, url }, output }: IngestJob, logLevel: string): string[] {
  const before = ['-loglevel', logLevel, ...(type === 'file' ? ['-re'] : [])]
  return [...before, '-i', url, '-vcodec', 'copy', '-acodec', 'copy', '-f', 'flv', '-y', output]
}

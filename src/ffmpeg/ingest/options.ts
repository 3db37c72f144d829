import { ServerError } from '../../base/index.ts'
import { type EngineOptions, type EngineSettings, resolveEngine } from '../engine/index.ts'

/** A file, another stream or a device that is published here for as long as the server runs. */
export type IngestOptions = Readonly<{
  /** Unique in its virtual host. Default ''. */
  id: string
  /** A file is read at its own pace, over and over; a stream and a device as they come. Default 'file'. SRS: input.type. */
  type: 'file' | 'stream' | 'device'
  /** A path, or whatever FFmpeg reads. SRS: input.url. */
  url: string
  /** The program; null looks for `ffmpeg` in `PATH`. Default null. SRS: ffmpeg. */
  ffmpeg: string | null
  /** Runs only while somebody watches. Default false. */
  onDemand: boolean
  /** How long one that is `onDemand` goes on when nobody watches any more, ms. Default 10 000. */
  idleMs: number
  /** How it is published, one for each output; one that is not enabled copies, and so does one that lacks a codec, as in SRS. */
  engines: readonly EngineOptions[]
}>

/** The same as a program gives it: what is left out has its default. */
export type IngestSettings = Readonly<
  Partial<Omit<IngestOptions, 'engines' | 'url'>> & {
    /** A path, or whatever FFmpeg reads. */
    url: string
    /** How it is published. */
    engines: readonly EngineSettings[]
  }
>

/** What an ingest may be of. */
export const INGEST_TYPES = ['file', 'stream', 'device'] as const

/** The defaults of `IngestOptions`, where there are any. */
export const defaultIngestOptions: Omit<IngestOptions, 'url' | 'engines'> = {
  id: '',
  type: 'file',
  ffmpeg: null,
  onDemand: false,
  idleMs: 10_000,
}

/**
 * The ingests of a virtual host with every default.
 * @throws ServerError ERR_CONFIGURATION that says what is wrong
 */
export function resolveIngests(ingests: readonly IngestSettings[]): readonly IngestOptions[] {
  const ids = new Set<string>()
  return ingests.map(({ engines, ...settings }) => {
    const said = Object.entries(settings).filter(([, value]) => value !== undefined)
    const ingest = { ...defaultIngestOptions, url: '', ...Object.fromEntries(said) }
    const problem = ids.has(ingest.id) ? 'there are two of this id' : problemOf(ingest, engines)
    if (problem !== null) {
      throw new ServerError('ERR_CONFIGURATION', `ingest '${ingest.id}': ${problem}`)
    }
    ids.add(ingest.id)
    const owner = `ingest '${ingest.id}':`
    return { ...ingest, engines: engines.map((engine) => resolveEngine(copyWithoutCodec(engine), owner)) }
  })
}

/** An engine of an ingest that lacks a codec copies, as in SRS. */
export function copyWithoutCodec<Engine extends EngineSettings>(engine: Engine): Engine {
  const { videoCodec = '', audioCodec = '' } = engine
  return videoCodec === '' || audioCodec === '' ? { ...engine, enabled: false } : engine
}

function problemOf(
  { type, url, idleMs }: Omit<IngestOptions, 'engines'>,
  engines: readonly EngineSettings[],
): string | null {
  if (!INGEST_TYPES.includes(type)) {
    return `type is "${type}": must be one of ${INGEST_TYPES.join(', ')}`
  }
  if (url === '') {
    return 'url is missing: expected a path, or whatever FFmpeg reads'
  }
  if (!(idleMs >= 0)) {
    return `idleMs is ${idleMs}: must be 0 or more`
  }
  return engines.length === 0 ? 'engines is empty: expected one with an output' : null
}

import { LimitError, nextTurn, ProtocolError } from '../../base/index.ts'
import {
  choosePlayableTracks,
  FlvTagType,
  MAX_FLV_TAG_BYTES,
  type Mp4Movie,
  type Mp4Sample,
  type Mp4SampleDescription,
  Mp4TrackReader,
  type NewTagBody,
  newAudioTagBody,
  newVideoTagBody,
  type PlayableMp4Tracks,
  type RangeReader,
  readMovie,
} from '../../media/index.ts'
import type { BlockFile } from './block-file.ts'
import type { FileTag, MediaFile } from './media-file.ts'
import { encodeMp4Metadata } from './mp4-metadata.ts'

/** An MP4 file, with or without fragments: its first video and its first audio that can be played. */
export class Mp4MediaFile implements MediaFile {
  readonly warnings: readonly string[]
  readonly #file: BlockFile
  readonly #movie: Mp4Movie
  readonly #tracks: PlayableMp4Tracks
  readonly #metadata: Uint8Array

  private constructor(file: BlockFile, movie: Mp4Movie) {
    const tracks = choosePlayableTracks(movie)
    this.#file = file
    this.#movie = movie
    this.#tracks = tracks
    this.#metadata = encodeMp4Metadata(tracks)
    this.warnings = tracks.warnings
  }

  /**
   * @param file closed by `close`; where it can't be played, by the caller
   * @throws Error of the system, ProtocolError or LimitError if it can't be played
   */
  static async open(file: BlockFile): Promise<Mp4MediaFile> {
    const movie = await answer(readMovie(file.size), file)
    // Fragments may be appended; tables are of the media as they are.
    file.mayGrow = movie.fragmentsOffset !== null
    return new Mp4MediaFile(file, movie)
  }

  async *tags(): AsyncGenerator<FileTag, void, undefined> {
    const tracks: PlayedTrack[] = []
    for (const track of [this.#tracks.video, this.#tracks.audio]) {
      if (track !== null) {
        // Video that is cut within a group of pictures begins before the cut, and sound with it.
        const startMs = Math.min(tracks[0]?.shownMs ?? 0, 0)
        tracks.push(await PlayedTrack.begin(this.#file, new Mp4TrackReader(this.#movie, track, startMs)))
      }
    }
    const startMs = Math.min(...tracks.map(({ dueMs }) => dueMs))
    const body = this.#metadata
    yield { type: FlvTagType.script, body, sequenceHeader: false, positionMs: 0, durationMs: null }
    for (;;) {
      const first = tracks.reduce((a, b) => (b.dueMs < a.dueMs ? b : a))
      if (first.dueMs === Number.POSITIVE_INFINITY) {
        return
      }
      yield* first.take(startMs)
    }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/** A track that is played: its next sample, and how that is coded. */
class PlayedTrack {
  readonly #file: BlockFile
  readonly #reader: Mp4TrackReader
  #next: Mp4Sample | null = null
  #announced: Mp4SampleDescription | null = null

  private constructor(file: BlockFile, reader: Mp4TrackReader) {
    this.#file = file
    this.#reader = reader
  }

  static async begin(file: BlockFile, reader: Mp4TrackReader): Promise<PlayedTrack> {
    const played = new PlayedTrack(file, reader)
    await played.#advance()
    return played
  }

  /** When its next sample is to be decoded, ms; infinity at the end. */
  get dueMs(): number {
    return this.#next?.decodeTimeMs ?? Number.POSITIVE_INFINITY
  }

  /** When its next sample is to be shown, ms; infinity at the end. */
  get shownMs(): number {
    return this.dueMs + (this.#next?.compositionOffsetMs ?? 0)
  }

  /** The next sample as a tag, behind a sequence header if it is coded otherwise than the one before. */
  async *take(startMs: number): AsyncGenerator<FileTag, void, undefined> {
    const sample = this.#next
    if (sample === null) {
      return
    }
    const { description } = sample
    const type = description.kind === 'video' ? FlvTagType.video : FlvTagType.audio
    const positionMs = sample.decodeTimeMs - startMs
    if (this.#announced !== description) {
      this.#announced = description
      if (description.configuration.length > 0) {
        const body = encodeSequenceHeader(description)
        yield { type, body, sequenceHeader: true, positionMs, durationMs: null }
      }
    }
    const { body, payload } = beginTagBody(sample)
    await this.#file.copy(sample.offset, payload)
    yield { type, body, sequenceHeader: false, positionMs, durationMs: sample.durationMs }
    await this.#advance()
  }

  async #advance(): Promise<void> {
    this.#next = await answer(this.#reader.next(), this.#file)
  }
}

/** Gives a reader the bytes and the pauses it asks for, and returns what it read. */
async function answer<T>(reader: RangeReader<T>, file: BlockFile): Promise<T> {
  let step = reader.next()
  while (step.done !== true) {
    const { offset, length } = step.value
    if (length === 0) {
      await nextTurn()
    }
    step = reader.next(await file.read(offset, length))
  }
  return step.value
}

function beginTagBody({ description, size, offset, keyframe, compositionOffsetMs }: Mp4Sample): NewTagBody {
  if (size > MAX_FLV_TAG_BYTES) {
    const cause = new LimitError('MAX_FLV_TAG_BYTES', MAX_FLV_TAG_BYTES, size)
    throw new ProtocolError(`the sample at byte ${offset} is too long: ${cause.message}`, { cause })
  }
  return description.kind === 'video'
    ? newVideoTagBody({ ...description, sequenceHeader: false, keyframe, compositionOffsetMs }, size)
    : newAudioTagBody({ ...description, sequenceHeader: false }, size)
}

function encodeSequenceHeader(description: Mp4SampleDescription): Uint8Array {
  const { configuration } = description
  const { body, payload } =
    description.kind === 'video'
      ? newVideoTagBody(
          { ...description, sequenceHeader: true, keyframe: true, compositionOffsetMs: 0 },
          configuration.length,
        )
      : newAudioTagBody({ ...description, sequenceHeader: true }, configuration.length)
  payload.set(configuration)
  return body
}

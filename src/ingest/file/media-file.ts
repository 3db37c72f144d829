import type { FlvTagType } from '../../media/index.ts'

/** A tag of a media file, and when it is due. */
export type FileTag = Readonly<{
  type: FlvTagType
  /** An FLV tag body; the receiver's. */
  body: Uint8Array
  /** Its body is a decoder configuration. */
  sequenceHeader: boolean
  /** Decode time, whole ms from the file's first audio or video on. */
  positionMs: number
  /** From its decode time to that of the next of its kind, ms; null if the file does not say. */
  durationMs: number | null
}>

/** A file of audio and video that is open. */
export interface MediaFile {
  /** What is in it and not played, and why: a sentence each. */
  readonly warnings: readonly string[]

  /**
   * Everything in it, from the beginning, in the order in which it is to be sent: metadata and sequence headers first. To be called once.
   * @throws Error if it can't be read or is not what it claims to be
   */
  tags(): AsyncGenerator<FileTag, void, undefined>

  /** Closes it; not before `tags` has come to its end or was left. Idempotent. */
  close(): Promise<void>
}

import { looksLikeMp4 } from '../../media/index.ts'
import { BlockFile } from './block-file.ts'
import { FlvMediaFile } from './flv-media-file.ts'
import type { MediaFile } from './media-file.ts'
import { Mp4MediaFile } from './mp4-media-file.ts'

/** Bytes by which containers are told apart. */
const SIGNATURE_BYTES = 8

/**
 * Opens a file: FLV, or MP4 and its like, whatever its name says.
 * @throws Error if it is neither, or has nothing that can be played
 */
export async function openMediaFile(path: string): Promise<MediaFile> {
  const file = await BlockFile.open(path)
  try {
    const start = await file.read(0, SIGNATURE_BYTES)
    if (looksLikeFlv(start)) {
      return new FlvMediaFile(file)
    }
    if (looksLikeMp4(start)) {
      return await Mp4MediaFile.open(file)
    }
    throw new Error(`it is neither FLV nor MP4: ${describeStart(start)}. FFmpeg makes MP4 of most others`)
  } catch (error) {
    await file.close()
    throw error
  }
}

function looksLikeFlv(start: Uint8Array): boolean {
  return String.fromCharCode(...start.subarray(0, 3)) === 'FLV'
}

function describeStart(start: Uint8Array): string {
  return start.length === 0 ? 'it is empty' : `it begins with 0x${Buffer.from(start).toString('hex')}`
}

import { dirname } from 'node:path'
import type { FfmpegAddress } from '../variables/index.ts'
import type { EngineOptions } from './engine-options.ts'

/**
 * The folder that an output of FFmpeg, which makes none, needs; null if it is no file. A `%` stands for what FFmpeg fills in itself, such as the
 * number of a picture: what is behind it is not known.
 */
export function outputFolderOf(
  { outputFormat }: Pick<EngineOptions, 'outputFormat'>,
  { address }: FfmpegAddress,
): string | null {
  const file = address.replace(/^file:/i, '')
  const isUrl = file === address && /^[a-z][a-z0-9+.-]*:/i.test(address)
  // `tee` has several outputs in one.
  if (isUrl || file === '-' || outputFormat === 'tee') {
    return null
  }
  const [known = ''] = file.split('%')
  return dirname(`${known}x`)
}

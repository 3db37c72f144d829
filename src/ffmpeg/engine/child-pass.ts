import type { FfmpegAddress } from '../variables/index.ts'

/** Lets a program in that this server runs, to publish or play one stream, where the virtual host would not let it in without. */
export type ChildPass = Readonly<{
  /** The parameter of an address that shows it, e.g. 'srs_pass=0123'. */
  parameter: string
  /** What may not be shown of it. */
  word: string
  /** Whether the virtual host demands something now that a program can't have, or it must be known that it is a program of this server. */
  isNeeded(): boolean
  /** Good from now on: the program is being started. Idempotent. */
  open(): void
  /** Good no more: the program has ended. Idempotent. */
  close(): void
}>

/**
 * A place with the pass in its address, opened, if it needs one; else as it is. The pass is a parameter of the stream's name, so that the
 * application's address, which hooks are told, is that of SRS.
 */
export function showPass(place: FfmpegAddress, pass: ChildPass | null): FfmpegAddress {
  if (pass === null || !pass.isNeeded()) {
    return place
  }
  pass.open()
  const { parameter } = pass
  const { options, address } = place
  const isName = ([name]: FfmpegAddress['options'][number]): boolean => name === 'rtmp_playpath'
  return {
    options: options.map((option) =>
      isName(option) ? [option[0], `${option[1]}${option[1].includes('?') ? '&' : '?'}${parameter}`] : option,
    ),
    address: options.some(isName) ? address : addParameter(address, parameter),
  }
}

function addParameter(text: string, parameter: string): string {
  const behindName = text.slice(text.lastIndexOf('/') + 1)
  return `${text}${behindName.includes('?') ? '&' : '?'}${parameter}`
}

import { createHash } from 'node:crypto'
import { fillTemplate, type TemplatePiece } from './template.ts'
import type { VariableValues } from './values.ts'

/**
 * Longest part of a path that a value makes, bytes of UTF-8: file systems take 255, of which programs need some for what they add, such
 * as `.tmp`, `.1` or the number of a segment.
 */
export const MAX_FILE_PART_BYTES = 240

/** Letters, marks and digits of any language, and what is a mere sign to shells, to FFmpeg and in URLs. */
const PLAIN = /^[\p{L}\p{M}\p{N}_.+@,-]$/u
const PLAIN_ASCII = /^[\w.+@,-]$/
/** Digits of a hash that stands for the end of what is too long. */
const HASH_DIGITS = 16
/** Stands where a value is empty, or of dots, and a name is needed: no value becomes this. */
const EMPTY = '='

/** How file parts are made of values. */
export type FilePartOptions = Readonly<{
  /** Whether letters that are not ASCII are encoded, too. Default false. */
  asciiOnly?: boolean
  /** Whether the levels of an application are folders. Default true. */
  withFolders?: boolean
}>

/**
 * Fills a template for the path of a file. Only the template says which folder that is in, but that an application of several levels has a
 * folder for each: in what a publisher chose every character but letters, digits and `_ . + @ , -` is encoded as `=` and the two digits of each
 * of its bytes (as in quoted-printable, RFC 2045, 6.7), and so is a `.` or `-` that a file would begin with. So nothing leaves its folder, is
 * hidden, looks like an option or a URL, or has a `%` that FFmpeg's muxers read. What makes a name longer than `MAX_FILE_PART_BYTES` is cut, and
 * ends in `==` and a hash of it. Different values give different paths.
 */
export function expandFilePath(
  template: string,
  values: VariableValues,
  options: FilePartOptions = {},
): string {
  return splitParts(fillTemplate(template, values), options.withFolders ?? true)
    .map((pieces) => partOf(pieces, options.asciiOnly ?? false))
    .join('/')
}

/**
 * The same for one part of a path, such as the name of a log: levels of an application are no folders.
 * @param template without `/`
 */
export function expandFileName(template: string, values: VariableValues): string {
  return expandFilePath(template, values, { withFolders: false })
}

/** Cuts at each `/` of the template, and of `app`. */
function splitParts(pieces: readonly TemplatePiece[], withFolders: boolean): TemplatePiece[][] {
  const parts: TemplatePiece[][] = [[]]
  for (const { text, variable } of pieces) {
    const isPath = variable === null || (variable === 'app' && withFolders)
    for (const [index, each] of (isPath ? text.split('/') : [text]).entries()) {
      if (index > 0) {
        parts.push([])
      }
      parts.at(-1)?.push({ text: each, variable })
    }
  }
  return parts
}

/** One part of a path. What the template says stays as it is. */
function partOf(pieces: readonly TemplatePiece[], asciiOnly: boolean): string {
  const last = pieces.findLastIndex(({ variable }) => variable !== null)
  const encoded = pieces.map(({ text, variable }, index) => {
    const isFirst = pieces.slice(0, index).every((before) => before.text === '')
    return variable === null ? [text] : encodeValue(text, { isFirst, asciiOnly })
  })
  if (last < 0) {
    return encoded.flat().join('')
  }
  const whole = encoded.flat().join('')
  const opening = pieces.findIndex(({ text, variable }) => variable !== null || text !== '')
  if (pieces[opening]?.variable !== null && /^(?:[.-]|$)/.test(whole)) {
    // The value is empty: what stands behind it must not begin the name.
    encoded[opening] = [EMPTY]
  } else if (/^\.+$/.test(whole)) {
    encoded[last]?.push(EMPTY)
  }
  const safe = encoded.flat().join('')
  return bytesOf(safe) <= MAX_FILE_PART_BYTES ? safe : shorten(pieces, encoded)
}

/** A unit is a character that is plain, or one that is encoded. */
function encodeValue(
  text: string,
  { isFirst, asciiOnly }: { isFirst: boolean; asciiOnly: boolean },
): string[] {
  const plain = asciiOnly ? PLAIN_ASCII : PLAIN
  return [...text].map((character, index) => {
    const misleads = isFirst && index === 0 && /[.-]/.test(character)
    return plain.test(character) && !misleads ? character : encodeBytes(character)
  })
}

function encodeBytes(character: string): string {
  return [...Buffer.from(character)]
    .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
}

/** Cuts values, each to its share of the room, and has a hash of them all behind the last. */
function shorten(pieces: readonly TemplatePiece[], encoded: readonly (readonly string[])[]): string {
  const isChosen = (index: number): boolean => pieces[index]?.variable !== null
  const written = pieces.map(({ text, variable }) => (variable === null ? bytesOf(text) : 0))
  const room = MAX_FILE_PART_BYTES - HASH_DIGITS - 2 - written.reduce((sum, bytes) => sum + bytes, 0)
  const values = pieces.filter(({ variable }) => variable !== null).map(({ text }) => text)
  const share = Math.floor(room / values.length)
  const hash = createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, HASH_DIGITS)
  const last = pieces.findLastIndex(({ variable }) => variable !== null)
  return encoded
    .map((units, index) => {
      const kept = isChosen(index) ? keepBytes(units, share) : units.join('')
      return index === last ? `${kept}==${hash}` : kept
    })
    .join('')
}

/** As many whole units as have room. */
function keepBytes(units: readonly string[], bytes: number): string {
  let kept = ''
  for (const unit of units) {
    if (bytesOf(kept) + bytesOf(unit) > bytes) {
      break
    }
    kept += unit
  }
  return kept
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text)
}

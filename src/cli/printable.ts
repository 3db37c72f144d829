import { stripVTControlCharacters } from 'node:util'

/** A text of somebody else's in one line: what clients name themselves, or servers say, must not steer the terminal. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, '')
}

/** The same of a text that may have several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

import { stripVTControlCharacters } from 'node:util'

/**
 * A text of somebody else's in one line: what clients name themselves, or servers say, must not steer the terminal. Nor may it turn the
 * direction in which the line is read (Unicode UAX #9): what follows would stand elsewhere, and seem to be something else.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Bidi_Control}]/gu, '')
}

/** The same of a text that may have several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** A value as JSON in lines. What JSON leaves as it is and some terminals obey (DEL, C1, see `printable`) is escaped, too. */
export function printableJson(value: unknown): string {
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return `${JSON.stringify(value, null, 2).replace(/[\u007f-\u009f\p{Bidi_Control}]/gu, escaped)}\n`
}

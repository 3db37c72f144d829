/** Characters that are kept of what another server says in place of what was asked for. */
export const MAX_SAID_LENGTH = 200

/**
 * What another server says, for people and logs: one line without control characters, of at most `MAX_SAID_LENGTH` characters. Servers of
 * others may say anything, also to those who watch here, and at any length.
 */
export function readSaid(text: string): string {
  const line = text
    .slice(0, 4 * MAX_SAID_LENGTH)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  return line.length > MAX_SAID_LENGTH ? `${line.slice(0, MAX_SAID_LENGTH)}...` : line
}

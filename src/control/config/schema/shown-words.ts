import { redactSecrets } from '../../../base/index.ts'
import { redactDestination } from '../../../delivery/index.ts'
import { redactOutput } from '../../../ffmpeg/index.ts'
import type { AnyValued, Pair } from './config.ts'
import { writeValue } from './kinds.ts'
import type { PairsRow, ValueRow } from './row.ts'

/** What stands for a secret. */
export const HIDDEN = '***'

/** Options of FFmpeg that let in whoever has them, e.g. to where an output goes. */
const SECRET_OPTION = /^(headers|cookies|.*(pass|secret|token|auth).*|.*key)$/i

/** Which words are shown behind the name of a directive. */
export type WordsOf = Readonly<{
  /** Of a directive; not of one that has no value. */
  value: (valued: AnyValued, row: ValueRow) => readonly string[]
  /** Of an option for another program. */
  pair: (pair: Pair, row: PairsRow) => readonly string[]
}>

/** Those that were written. */
export const showingSecrets: WordsOf = {
  value: ({ value }, row) => writeValue(value, row),
  pair: ({ words }) => words,
}

/** The same without secrets, as the rows mark them. What nobody wrote is none. */
export const hidingSecrets: WordsOf = {
  value({ value, origin }, row) {
    const words = writeValue(value, row)
    return origin.from === 'default' ? words : hide(words, row)
  },
  pair: ({ name, words }, row) => (SECRET_OPTION.test(name) ? [HIDDEN] : hide(words, row)),
}

function hide(words: readonly string[], { kind, secret }: ValueRow | PairsRow): readonly string[] {
  switch (secret) {
    case 'value':
      // A key is known by its name; and that there is nothing is no secret.
      return kind === 'key'
        ? [...words.slice(0, 1), HIDDEN]
        : words.every((word) => word === '')
          ? words
          : [HIDDEN]
    case 'path':
      return words.map(kind === 'destinations' ? redactDestination : redactOutput)
    default:
      return words.map(redactSecrets)
  }
}

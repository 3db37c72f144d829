import { type AnyBlock, type AnyValued, describeOrigin, type Origin, type Pair } from './config.ts'
import { isBlock, isPairs } from './directives.ts'
import type { Findings } from './findings.ts'
import { writeValue } from './kinds.ts'
import type { Rows, SecretPart } from './row.ts'
import { HIDDEN } from './shown-words.ts'

/** Hidden parts of a URL: who asks, or the value of a parameter. */
const HIDDEN_PART = /:\/\/\*\*\*@|=\*\*\*(?=[&#]|$)/

/** The same of a path with a secret. */
const HIDDEN_KEY = /\/\*\*\*(?=\?|$)/

/**
 * Tells of every secret that is written as `srs config` shows it: what that prints would run, with passwords that everybody knows.
 */
export function reportHidden(rows: Rows, values: AnyBlock['values'], findings: Findings): void {
  for (const [name, row] of Object.entries(rows)) {
    const node = values[name]
    if (node === undefined) {
      continue
    }
    if (isBlock(row)) {
      for (const block of Array.isArray(node) ? (node as readonly AnyBlock[]) : [node as AnyBlock]) {
        reportHidden(row.rows, block.values, findings)
      }
    } else if (isPairs(row)) {
      for (const { name: option, words, origin } of node as readonly Pair[]) {
        reportWords(option, words, 'value', origin, findings)
      }
    } else {
      for (const { value, origin } of Array.isArray(node)
        ? (node as readonly AnyValued[])
        : [node as AnyValued]) {
        if (origin.from !== 'default' && value !== null) {
          reportWords(name, writeValue(value, row), row.secret, origin, findings)
        }
      }
    }
  }
}

function reportWords(
  name: string,
  words: readonly string[],
  secret: SecretPart | undefined,
  origin: Origin,
  findings: Findings,
): void {
  const isHidden = words.some(
    (word) =>
      (secret !== undefined && word === HIDDEN) ||
      (secret === 'path' && HIDDEN_KEY.test(word)) ||
      HIDDEN_PART.test(word),
  )
  if (isHidden) {
    const place = origin.from === 'file' ? origin.place : null
    const from = origin.from === 'environment' ? `${describeOrigin(origin)}: ` : ''
    findings.fault(
      place,
      `${from}'${name}' has *** in it, as 'srs config' shows a secret: write the secret, or use what 'srs config --show-secrets' prints`,
    )
  }
}

import { describe, expect, it } from 'vitest'
import { type Directive, isValue, listDirectives, pathOf } from './directives.ts'
import { readValue } from './kinds.ts'
import type { ValueRow } from './row.ts'
import { ROOT_ROWS } from './rows/root.ts'
import { settingDefault } from './setting-defaults.ts'

const DIRECTIVES = listDirectives(ROOT_ROWS)

/** Directives with words behind them. */
const VALUES = DIRECTIVES.flatMap(
  (directive: Directive): readonly (readonly [string, ValueRow, Directive])[] =>
    isValue(directive.row) ? [[pathOf(directive), directive.row, directive]] : [],
)

/** What is no secret, though its name sounds like one. */
const NO_SECRETS: readonly string[] = ['hook_delivery.secret_variable']

describe('each directive', () => {
  it.each(VALUES.filter(([, row]) => row.default !== undefined))(
    'has a default that it can be given: %s',
    (_path, row) => {
      const words = row.default === '' ? [] : (row.default ?? '').split(' ')
      expect(readValue(words, row)).toMatchObject({ ok: true })
    },
  )

  it('says what holds without it', () => {
    const silent = VALUES.filter(
      ([, { default: otherwise, unset, to, inherits, repeatable }]) =>
        otherwise === undefined &&
        unset === undefined &&
        inherits !== true &&
        repeatable !== true &&
        (to === undefined || settingDefault(to) === undefined),
    )
    expect(silent.map(([path]) => path)).toEqual([])
  })

  it('is told about in one sentence', () => {
    const wrong = DIRECTIVES.filter(
      ({ row }) => !/^[A-Z`].*\.$|^\w.*\.$/.test(row.says) || row.says.length > 200,
    )
    expect(wrong.map(pathOf)).toEqual([])
  })

  it('hides what its name says is a secret, where a configuration is shown', () => {
    // Files and variables are named in a configuration; what is in them is not there.
    const holdsText = VALUES.filter(([, { kind }]) => ['text', 'texts', 'url', 'urls', 'key'].includes(kind))
    const isSecret = /pass|pwd|secret|token|credential|private|(^|_)key(s|$)/
    const shown = holdsText.filter(([, row, { name }]) => isSecret.test(name) && row.secret !== 'value')
    expect(shown.map(([path]) => path)).toEqual(NO_SECRETS)
  })

  it('is asked for by one answer', () => {
    const none = DIRECTIVES.filter(
      ({ answer }) => answer !== 'works' && !('later' in answer || 'notHere' in answer),
    )
    expect(none).toEqual([])
  })
})

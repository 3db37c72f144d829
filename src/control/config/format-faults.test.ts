import { describe, expect, it } from 'vitest'
import { ServerError } from '../../base/index.ts'
import { ConfigurationError } from './configuration-error.ts'
import { formatFault, formatFaults } from './format-faults.ts'
import type { ConfigFault } from './statement.ts'

function fault(line: number, column: number, message = 'is wrong'): ConfigFault {
  return { place: { file: 'a.conf', line, column }, message }
}

describe('faults for people', () => {
  it('are told in a line each, the first with their line of the file and a caret', () => {
    const sources = new Map([['a.conf', 'listen 1935;\r\n\tpid\t "x"y;\n\n']])
    expect(formatFaults([fault(2, 9), fault(3, 1), { place: null, message: 'as a whole' }], sources)).toBe(
      'a.conf:2:9: is wrong\n' +
        '    \tpid\t "x"y;\n' +
        '    \t   \t   ^\n' +
        'a.conf:3:1: is wrong\n' +
        'as a whole\n',
    )
  })

  it('show five lines of the file at most', () => {
    const sources = new Map([['a.conf', 'a;\n'.repeat(20)]])
    const text = formatFaults(
      Array.from({ length: 20 }, (_, index) => fault(index + 1, 1)),
      sources,
    )
    expect(text.match(/\^/g)).toHaveLength(5)
    expect(text.match(/is wrong/g)).toHaveLength(20)
  })

  it('show the part of a long line that matters, and nothing that moves a cursor', () => {
    const sources = new Map([['a.conf', `${'a'.repeat(500)}\u001b[2Jb${'c'.repeat(500)}`]])
    const [, shown, caret] = formatFaults([fault(1, 505)], sources).split('\n')
    expect(shown).toBe(`    ${'a'.repeat(46)}\ufffd[2Jb${'c'.repeat(49)}`)
    expect(shown?.[caret?.indexOf('^') ?? 0]).toBe('b')
  })

  it('do without the files, and with places behind their ends', () => {
    expect(formatFaults([fault(1, 1)])).toBe('a.conf:1:1: is wrong\n')
    expect(formatFaults([fault(9, 9)], new Map([['a.conf', 'a;']]))).toBe('a.conf:9:9: is wrong\n')
  })
})

describe('the error of a configuration', () => {
  it('has a code, the first fault for a message, and all faults', () => {
    const faults = [fault(1, 2), fault(3, 4), fault(5, 6)]
    const error = new ConfigurationError(faults)
    expect(error).toBeInstanceOf(ServerError)
    expect(error).toMatchObject({
      code: 'ERR_CONFIGURATION',
      name: 'ConfigurationError',
      message: 'a.conf:1:2: is wrong (and 2 more)',
      faults,
    })
    expect(new ConfigurationError([fault(1, 2)]).message).toBe(formatFault(fault(1, 2)))
  })
})

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ClosedError,
  ERROR_CODES,
  LimitError,
  ProtocolError,
  RejectedError,
  ServerError,
  TimeoutError,
  toError,
} from './index.ts'

describe('error codes', () => {
  it('are those of docs/errors.md, in the same order and with the same meanings', () => {
    const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
    const rows = [...page.matchAll(/^\| `(ERR_\w+)` \| ([^|]+) \| ([^|]+) \|$/gm)]
    expect(rows.map(([, code, meaning]) => [code, meaning])).toEqual(Object.entries(ERROR_CODES))
    expect(page.match(/ERR_\w+/g)).toHaveLength(rows.length)
  })
})

describe('errors', () => {
  const cause = new Error('underneath')

  it.each([
    [new ServerError('ERR_LISTEN', 'text', { cause }), 'ServerError', 'ERR_LISTEN'],
    [new ProtocolError('text', { cause }), 'ProtocolError', 'ERR_PROTOCOL'],
    [new RejectedError('text', { cause }), 'RejectedError', 'ERR_REJECTED'],
    [new ClosedError('text', { cause }), 'ClosedError', 'ERR_CLOSED'],
    [new TimeoutError('text', { cause }), 'TimeoutError', 'ERR_TIMEOUT'],
  ])('%s carry their name, code, message and cause', (error, name, code) => {
    expect(error).toBeInstanceOf(ServerError)
    expect(error).toMatchObject({ name, code, message: 'text', cause })
    expect(String(error)).toBe(`${name}: text`)
  })

  it('of limits name the limit and both numbers, and count as errors of the protocol', () => {
    const error = new LimitError('MAX_PARTS', 3, 4)
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error).toMatchObject({ name: 'LimitError', code: 'ERR_LIMIT', message: '4 exceeds MAX_PARTS (3)' })
  })
})

describe('toError', () => {
  it('leaves an error as it is', () => {
    const error = new RangeError('far out')
    expect(toError(error)).toBe(error)
  })

  it('takes a text for the message', () => {
    expect(toError('no reason')).toMatchObject({ message: 'no reason', cause: 'no reason' })
  })

  it('makes an error of anything, even of what has no text', () => {
    const things = fc.oneof(fc.anything({ withNullPrototype: true }), fc.constant(Symbol('s')))
    fc.assert(
      fc.property(things, (thing) => {
        const error = toError(thing)
        expect(error).toBeInstanceOf(Error)
        expect(error.cause).toBe(thing)
      }),
    )
    expect(toError(Object.create(null)).cause).toEqual({})
    const textless = {
      toString() {
        throw new Error('no text')
      },
    }
    expect(toError(textless).cause).toBe(textless)
  })
})

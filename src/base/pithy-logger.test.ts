import { describe, expect, it } from 'vitest'
import type { Logger } from './logger.ts'
import {
  MAX_LOGGED_TEXT_LENGTH,
  PITHY_LINES_PER_WINDOW,
  PITHY_WINDOW_MS,
  PithyLogger,
} from './pithy-logger.ts'
import { ms } from './units.ts'

type Line = { level: string; fields: object; message: string }

function recording(lines: Line[], bindings: object = {}): Logger {
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...bindings, ...fields }, message })
  }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (more) => recording(lines, { ...bindings, ...more }),
  }
}

function setup(): { lines: Line[]; logger: PithyLogger; advance: (by: number) => void } {
  const lines: Line[] = []
  let now = 0
  const clock = { now: () => ms(now), wallTime: () => ms(now) }
  return {
    lines,
    logger: new PithyLogger(recording(lines), clock),
    advance(by) {
      now += by
    },
  }
}

describe('a pithy logger', () => {
  it('logs a thousand lines of one message as a few, and says in the next window how many were left out', () => {
    const { lines, logger, advance } = setup()
    for (let i = 0; i < 1000; i++) {
      logger.child({ client: `c${i}` }).info({}, 'play started')
    }
    expect(lines).toHaveLength(PITHY_LINES_PER_WINDOW)
    expect(lines[0]).toEqual({ level: 'info', fields: { client: 'c0' }, message: 'play started' })
    advance(PITHY_WINDOW_MS)
    logger.info({ client: 'late' }, 'play started')
    expect(lines.at(-1)?.fields).toEqual({ client: 'late', suppressed: 1000 - PITHY_LINES_PER_WINDOW })
    logger.info({ client: 'later' }, 'play started')
    expect(lines.at(-1)?.fields).toEqual({ client: 'later' })
  })

  it('does not let one message silence another', () => {
    const { lines, logger } = setup()
    for (let i = 0; i < 2 * PITHY_LINES_PER_WINDOW; i++) {
      logger.warn({}, 'player refused')
    }
    logger.error({}, 'the file source failed')
    expect(lines.at(-1)?.message).toBe('the file source failed')
  })

  it('passes every debug line', () => {
    const { lines, logger } = setup()
    for (let i = 0; i < 3 * PITHY_LINES_PER_WINDOW; i++) {
      logger.debug({}, 'command')
    }
    expect(lines).toHaveLength(3 * PITHY_LINES_PER_WINDOW)
  })

  it('takes secrets out of the fields, at every level', () => {
    const { logger, lines } = setup()
    const fields = { param: '?sig=abc&expires=1', port: 1935 }
    logger.debug(fields, 'a')
    logger.info(fields, 'b')
    logger.child({ client: 'c1' }).warn(fields, 'c')
    logger.error(fields, 'd')
    expect(lines.map((line) => line.fields)).toEqual([
      { param: '?sig=***&expires=1', port: 1935 },
      { param: '?sig=***&expires=1', port: 1935 },
      { client: 'c1', param: '?sig=***&expires=1', port: 1935 },
      { param: '?sig=***&expires=1', port: 1935 },
    ])
    expect(fields.param).toBe('?sig=abc&expires=1')
  })

  it('cuts off texts that a client made very long, at every level', () => {
    const { lines, logger } = setup()
    const name = 'x'.repeat(MAX_LOGGED_TEXT_LENGTH)
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      logger[level]({ reason: `${name}y`, name }, level)
    }
    const fields = { reason: `${name}... (${MAX_LOGGED_TEXT_LENGTH + 1} characters)`, name }
    expect(lines.map((line) => line.fields)).toEqual([fields, fields, fields, fields])
  })

  it('leaves out what would steer the terminal on which a line of JSON is shown', () => {
    const { lines, logger } = setup()
    logger.info({ pageUrl: 'http://\u009b2Jexample.com/\u007f', agent: '\x1b[2J' }, 'a')
    expect(lines.map((line) => line.fields)).toEqual([{ pageUrl: 'http://2Jexample.com/', agent: '\x1b[2J' }])
    expect(JSON.stringify('\x1b')).toBe('"\\u001b"')
  })
})

import { describe, expect, it } from 'vitest'
import { describeUnknown } from './commands.ts'
import { formatClients, formatRefusals, formatStreams } from './lists-text.ts'
import { clientEntry, refusalEntry, streamEntry } from './testing/entries.ts'

const options = { width: 120, colors: false }

describe('streams as a table', () => {
  it('name publisher, codecs, clients and rates', () => {
    const waiting = streamEntry({
      url: 'example.com/live/b',
      publish: { active: false },
      video: null,
      audio: null,
      clients: 1,
      kbps: { recv_30s: 0, send_30s: 0 },
      send_bytes: 0,
    })
    expect(formatStreams([streamEntry(), waiting], options)).toEqual([
      'STREAM              PUBLISHER  VIDEO          AUDIO      CLIENTS    IN   OUT   SENT',
      'live/demo           c1         H264 1280x720  AAC 44.1k        3  2.5M  5.0M  12.0M',
      'example.com/live/b  -          -              -                1     0     0     0B',
    ])
  })

  it('are said not to be there', () => {
    expect(formatStreams([], options)).toEqual(['No stream is published.'])
    expect(formatClients([], options)).toEqual(['Nobody publishes or plays.'])
    expect(formatRefusals([], options)).toEqual(['Nobody was refused.'])
  })
})

describe('clients as a table', () => {
  it('name who, what, from where, and how far behind players are', () => {
    const publisher = clientEntry({ id: 'c1', type: 'fmle-publish', publish: true, lag_ms: 0, skips: 0 })
    expect(formatClients([publisher, clientEntry()], options)).toEqual([
      'ID  TYPE          STREAM     FROM       ALIVE  IN   OUT   LAG  SKIPS',
      'c1  fmle-publish  live/demo  192.0.2.7  1m15s   0  2.5M     -      -',
      'c2  rtmp-play     live/demo  192.0.2.7  1m15s   0  2.5M  40ms      1',
    ])
  })

  it('keep a line each in a narrow terminal', () => {
    const long = clientEntry({ url: `/live/${'x'.repeat(200)}` })
    for (const line of formatClients([long], { width: 80, colors: false })) {
      expect(line.length).toBeLessThanOrEqual(80)
    }
  })
})

describe('refusals as a table', () => {
  it('name the reason', () => {
    const [, line] = formatRefusals([refusalEntry()], options)
    expect(line).toMatch(
      /^2023-11-1\d \d\d:\d\d:20 {2}publish +live\/demo +192\.0\.2\.9 +rtmp +token_expired +the token/,
    )
  })
})

describe('an id that no client has', () => {
  it.each([
    ['c12', ['c1', 'c2', 'c13'], "there is no client 'c12': did you mean c1?"],
    [
      'file-live-dmo',
      ['c1', 'file-live-demo'],
      "there is no client 'file-live-dmo': did you mean file-live-demo?",
    ],
    ['somebody', ['c1'], "there is no client 'somebody': srs clients lists those there are"],
    ['c1', [], "there is no client 'c1': nobody publishes or plays"],
  ])('%s among %j', (id, present, text) => {
    expect(describeUnknown(id, present)).toBe(text)
  })
})

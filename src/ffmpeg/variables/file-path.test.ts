import { posix } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOSTILE_NAME, someValues } from '../testing/variable-values.ts'
import { expandFileName, expandFilePath, MAX_FILE_PART_BYTES } from './file-path.ts'

const chosen = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(...'./\\-%=~: x\n"\'$`;|&\u0000'), maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('ü', '流', '🎥', 'a', '%'), minLength: 200, maxLength: 600 }),
)
const templates = fc.constantFrom(
  '/data/[stream].mp4',
  '/data/[app]/[stream]',
  '/data/[app]-[stream]_[engine]/a.[param]',
  '/data/.[stream]/[url]',
  '/data/[vhost]/[app]/[stream]-%03d.ts',
)

describe('the path of a file', () => {
  it.each([
    ['./objs/[vhost]/[app]/[stream]_[engine].mp4', {}, './objs/__defaultVhost__/live/livestream_ld.mp4'],
    ['[app]/[stream].flv', { app: 'a/b' }, 'a/b/livestream.flv'],
    ['[app]/[stream].flv', { stream: 'A-b_c.d+1@x,y' }, 'live/A-b_c.d+1@x,y.flv'],
    ['[app]/[stream].flv', { stream: 'Grüße-流' }, 'live/Grüße-流.flv'],
    ['[stream]-%03d.ts', { stream: '%d' }, '=25d-%03d.ts'],
    [
      'd/[stream].flv',
      { stream: HOSTILE_NAME },
      'd/x=20-y=3B=20rm=20-rf=20=22=24HOME=22=20=24=28id=29=20=27.flv',
    ],
    ['[stream].flv', { stream: '-y' }, '=2Dy.flv'],
    ['d/[app]/[stream]', { app: '../..', stream: '.htaccess' }, 'd/=2E./=2E./=2Ehtaccess'],
    ['d/.[stream]/x', { stream: '.' }, 'd/..=/x'],
    ['d/[app]/x', { app: 'a//../etc' }, 'd/a/=/=2E./etc/x'],
    ['d/[param]/x', { param: '' }, 'd/=/x'],
    ['d/..[param]/x', { param: '' }, 'd/..=/x'],
    ['d/[param].mp4', { param: '' }, 'd/=.mp4'],
    ['[param]/x', { param: '' }, '=/x'],
    ['d/[stream]', { stream: 'a=20b' }, 'd/a=3D20b'],
    ['d/[stream]', { stream: 'a\nb\u0000c' }, 'd/a=0Ab=00c'],
    ['d/[url]', { url: 'http://a/../b' }, 'd/http=3A=2F=2Fa=2F..=2Fb'],
    ['d/[stream]', { stream: '[app]' }, 'd/=5Bapp=5D'],
    ['d/[2006][01][02]-[15][04][05].[999]-[foo]', {}, 'd/20260203-040506.007-[foo]'],
  ])('%s of %o is %s', (template, values, path) => {
    expect(expandFilePath(template, someValues(values))).toBe(path)
  })

  it('may be one part only, as the name of a log, where levels of an application are no folders', () => {
    const template = 'ffmpeg-encoder-[vhost]-[app]-[stream]-[engine].log'
    expect(expandFileName(template, someValues())).toBe(
      'ffmpeg-encoder-__defaultVhost__-live-livestream-ld.log',
    )
    expect(expandFileName(template, someValues({ app: 'a/b' }))).toBe(
      'ffmpeg-encoder-__defaultVhost__-a=2Fb-livestream-ld.log',
    )
  })

  it('has names of bounded length, which differ where the values do, and keeps what the template says', () => {
    const paths = ['a', 'b'].map((end) =>
      expandFilePath(
        'd/[app]-[stream]-%03d.ts',
        someValues({ app: '流'.repeat(300), stream: `${'%'.repeat(300)}${end}` }),
      ),
    )
    for (const path of paths) {
      expect(path).toMatch(/^d\/流+-(?:=25)+==[0-9a-f]{16}-%03d\.ts$/)
      expect(Buffer.byteLength(path) - 2).toBeLessThanOrEqual(MAX_FILE_PART_BYTES)
    }
    expect(new Set(paths).size).toBe(2)
  })

  it('never leaves its folder, is hidden, looks like an option or a pattern, or grows too long, whatever a publisher chooses', () => {
    fc.assert(
      fc.property(templates, chosen, chosen, chosen, (template, app, stream, param) => {
        const path = expandFilePath(template, someValues({ app, stream, param, url: param }))
        expect(posix.normalize(path)).toBe(path)
        expect(path.startsWith('/data/')).toBe(true)
        expect(path).not.toMatch(/[\p{Cc}\\:$`;|&"'<>*?[\]{}()! #~]/u)
        expect(path.replaceAll('%03d', '')).not.toContain('%')
        for (const part of path.split('/').slice(2)) {
          expect(Buffer.byteLength(part)).toBeLessThanOrEqual(MAX_FILE_PART_BYTES)
          expect(part).not.toMatch(/^-|^\.\.?$/)
          expect(template.includes('/.') || !part.startsWith('.')).toBe(true)
        }
      }),
    )
  })

  it('is another one for every other name', () => {
    const names = fc.uniqueArray(fc.string({ unit: fc.constantFrom(...'a=2.-%/ü流 '), maxLength: 6 }), {
      maxLength: 20,
    })
    fc.assert(
      fc.property(names, (streams) => {
        const paths = streams.map((stream) => expandFilePath('d/[stream].flv', someValues({ stream })))
        expect(new Set(paths).size).toBe(streams.length)
      }),
    )
  })
})

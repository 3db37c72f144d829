import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOSTILE_NAME, someValues } from '../testing/variable-values.ts'
import { expandAddress, MAX_FFMPEG_APP_BYTES } from './address.ts'
import { UnusableValueError } from './unusable-value-error.ts'

const INPUT = 'rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]'
const OUTPUT = 'rtmp://127.0.0.1:[port]/[app]/[stream]_[engine]?vhost=[vhost]'
const SERVER = 'rtmp://127.0.0.1:19350'

describe('an address of FFmpeg', () => {
  it.each([
    [INPUT, {}, `${SERVER}/live?vhost=__defaultVhost__/livestream`],
    [INPUT, { app: 'a/b', vhost: 'v.example' }, `${SERVER}/a/b?vhost=v.example/livestream`],
    [OUTPUT, {}, `${SERVER}/live/livestream_ld?vhost=__defaultVhost__`],
    [INPUT, { stream: '流-ü' }, `${SERVER}/live?vhost=__defaultVhost__/流-ü`],
    [INPUT, { stream: '50%20;$(id)\'"&' }, `${SERVER}/live?vhost=__defaultVhost__/50%20;$(id)'"&`],
    ['rtmp://b.example/app/key', {}, 'rtmp://b.example/app/key'],
    ['rtmp://b.example/[stream]', {}, 'rtmp://b.example/livestream'],
    ['rtmp://b.example/[app]/[stream][param]', {}, 'rtmp://b.example/live/livestream?token=1'],
    ['rtmp://b.example', {}, 'rtmp://b.example'],
    ['rtmps://b.example/[app]/[stream].mp4', {}, 'rtmps://b.example/live/livestream.mp4'],
    ['./html/[app]/[stream].mp4', { stream: 'a:b' }, './html/live/a=3Ab.mp4'],
    ['file:/html/[app]/[stream].mp4', { stream: 'ü b' }, 'file:/html/live/ü=20b.mp4'],
    [
      'http://h/[app]/[stream].ts[param]',
      { stream: 'ü b', param: '?a=1 /../%' },
      'http://h/live/=C3=BC=20b.ts?a=1%20%2F..%2F%',
    ],
    ['srt://h:1?streamid=[stream]', { stream: 'a&mode=listener' }, 'srt://h:1?streamid=a=26mode=3Dlistener'],
    ['unix:/run/[app].sock', { app: '../x' }, 'unix:/run/=2E./x.sock'],
  ])('%s with %o is %s', (template, values, address) => {
    expect(expandAddress(template, someValues(values))).toEqual({ options: [], address })
  })

  it.each([
    [INPUT, { stream: HOSTILE_NAME }, 'live?vhost=__defaultVhost__', HOSTILE_NAME],
    [OUTPUT, { stream: 'a b' }, 'live', 'a b_ld?vhost=__defaultVhost__'],
    [INPUT, { app: 'a b/c' }, 'a b/c?vhost=__defaultVhost__', 'livestream'],
    [INPUT, { app: 'a/b:c' }, 'a/b:c?vhost=__defaultVhost__', 'livestream'],
    [INPUT, { stream: 'slist=evil' }, 'live?vhost=__defaultVhost__', 'slist=evil'],
    ['rtmp://127.0.0.1:[port]/[app]/[stream][param]', { param: '?u=a/b' }, 'live', 'livestream?u=a/b'],
    ['rtmp://127.0.0.1:[port]/[app]/[stream][param]', { param: '?u=.mp4' }, 'live', 'livestream?u=.mp4'],
  ])('names that FFmpeg would misread in %s are given by options: %o', (template, values, app, playpath) => {
    expect(expandAddress(template, someValues(values))).toEqual({
      options: [
        ['rtmp_app', app],
        ['rtmp_playpath', playpath],
      ],
      address: SERVER,
    })
  })

  it.each([
    [{ stream: 'a?vhost=b' }, "[stream] has '?'"],
    [{ app: 'a#b' }, "[app] has '#'"],
    [{ stream: 'a...vhost...b' }, "[stream] has '...vhost...'"],
    [{ stream: ' a' }, '[stream] has a part, or spaces at an end of one'],
    [{ app: 'a/../b' }, '[app] has a part'],
    [{ app: 'a/_definst_' }, '[app] has a part'],
    [{ stream: 'a\nb' }, '[stream] has a control character'],
    [{ stream: 'a.mp4' }, '[stream] ends like the name of a file'],
    [{ app: '流'.repeat(400) }, `exceeds MAX_FFMPEG_APP_BYTES (${MAX_FFMPEG_APP_BYTES})`],
  ])('of %o there is none: an RTMP server would read another name', (values, message) => {
    const expand = () => expandAddress(INPUT, someValues(values))
    expect(expand).toThrow(UnusableValueError)
    expect(expand).toThrow(message)
  })

  it('never has a value in its server, or anything that FFmpeg cuts off', () => {
    const name = fc.string({ unit: fc.constantFrom(...'a/?#: .%=&流\n-'), minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(name, name, (app, stream) => {
        try {
          const { options, address } = expandAddress(OUTPUT, someValues({ app, stream }))
          expect(address.startsWith(SERVER)).toBe(true)
          const given =
            options.length > 0
              ? options.map(([, value]) => value).join('/')
              : address.slice(SERVER.length + 1)
          expect(given).toBe(`${app}/${stream}_ld?vhost=__defaultVhost__`)
          expect(address).not.toMatch(/[\s#]/)
        } catch (error) {
          expect(error).toBeInstanceOf(UnusableValueError)
        }
      }),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ms } from '../../base/index.ts'
import { HOSTILE_NAME, someValues } from '../testing/variable-values.ts'
import { expandArgument, expandArguments } from './arguments.ts'
import { UnusableValueError } from './unusable-value-error.ts'

describe('arguments of a program', () => {
  it.each([
    ['[vhost]/[app]/[stream]', {}, '__defaultVhost__/live/livestream'],
    [
      '[url] [tcUrl] [swfUrl] [pageUrl]',
      {},
      'rtmp://127.0.0.1:19350/live/livestream?token=1 rtmp://host/live http://host/a.swf http://host/',
    ],
    ['rtmp://127.0.0.1:[port]/[app]/[stream][param]', {}, 'rtmp://127.0.0.1:19350/live/livestream?token=1'],
    ['[stream]', { stream: HOSTILE_NAME }, HOSTILE_NAME],
    ['[stream]', { stream: '[app]' }, '[app]'],
    ['[stream]', { stream: '流%d' }, '流%d'],
    ['-[stream]', { stream: 'y' }, '-y'],
    ['[param]', { param: '' }, ''],
    ['[2006]-[01]-[02]T[15]:[04]:[05].[999]', {}, '2026-02-03T04:05:06.007'],
    ['[timestamp]', { time: ms(1_700_000_000_123) }, '1700000000123'],
    ['[15]', { utc: true, time: ms(Date.UTC(2026, 0, 1, 23)) }, '23'],
    ['[]', {}, '[]'],
    ['[server]', {}, '[server]'],
  ])('%s with %o is %s', (template, values, argument) => {
    expect(expandArgument(template, someValues(values))).toBe(argument)
  })

  it.each([
    [
      '[stream]',
      { stream: '-y' },
      "[stream] begins with '-', which makes an option of the argument [stream]",
    ],
    ['[param][stream]', { param: '', stream: '-y' }, "[stream] begins with '-'"],
    ['[pageUrl]', { pageUrl: 'a\nb' }, '[pageUrl] has a control character'],
    ['[stream]', { stream: 'a\u0000b' }, '[stream] has a control character'],
    [
      '/data/[app]/[stream]',
      { app: '../../etc' },
      "the argument /data/[app]/[stream] would have a '..' in its path",
    ],
    ['/data/[param]', { param: '?/../../etc/x' }, "would have a '..'"],
    ['/data/.[stream]/x', { stream: '.' }, "would have a '..'"],
    ['rtmp://127.0.0.1:[port]/[app]/[stream]', { stream: 'a b' }, 'what FFmpeg reads as something else'],
    [
      'rtmp://127.0.0.1:[port]/[app]/[stream][param]',
      { param: '?u=a/b' },
      'what FFmpeg reads as something else',
    ],
  ])('%s with %o is none', (template, values, message) => {
    const expand = () => expandArgument(template, someValues(values))
    expect(expand).toThrow(UnusableValueError)
    expect(expand).toThrow(message)
  })

  it.each([
    ['/bin/sh', ['-c', 'echo [stream]']],
    ['bash', ['-lc', 'echo "[stream]"']],
    ['env', ['bash', '-ec', "echo '[stream]'"]],
    ['bash', ['-euxc', 'echo [stream]']],
    ['sh', ['-c', '-u', '+x', 'echo [stream]']],
    ['bash', ['-c', '-o', 'pipefail', '--', 'echo [stream]']],
    ['nice', ['env', '-S', 'sh record.sh [stream]']],
    ['env', ['--split-string=sh record.sh [stream]']],
    ['perl', ['-lane', 'print "[stream]"']],
    ['perl', ['-eprint "[stream]"']],
    ['/usr/bin/python3.11', ['-Bsuc', 'print("[stream]")']],
    ['python3', ['-c', 'print("[stream]")']],
    ['/usr/bin/perl', ['-e', 'print "[stream]"']],
    ['node', ['--eval=[stream]']],
    ['node', ['--eval', '[stream]']],
    ['ssh', ['backup', 'record', '[stream]']],
    ['nice', ['/usr/bin/su', 'x', '[stream]']],
    ['awk', ['/[stream]/ { print }']],
    ['ffmpeg', ['-vf', 'drawtext=text=[stream]']],
    ['ffmpeg', ['-filter:v', 'drawtext=text=[stream]']],
    ['ffmpeg', ['-f', 'tee', '[f=flv]a/[stream]|b']],
  ])('of %s %o take ordinary names only: they are programs themselves', (program, templates) => {
    for (const stream of ['live-1_2.a', '流ü']) {
      const given = templates.map((template) => template.replace('[stream]', stream))
      expect(expandArguments(program, templates, someValues({ stream }))).toEqual(given)
    }
    for (const stream of [
      HOSTILE_NAME,
      'a b',
      '$HOME',
      '`id`',
      'a|b',
      'a;b',
      "it's",
      '-rf',
      'a*',
      '"',
      'a\\b',
    ]) {
      expect(() => expandArguments(program, templates, someValues({ stream })), stream).toThrow(
        UnusableValueError,
      )
    }
  })

  it('of a shell that are none of its program are taken whole', () => {
    const args = ['-c', 'echo "$1"', 'sh', '[stream]']
    expect(expandArguments('sh', args, someValues({ stream: HOSTILE_NAME }))).toEqual([
      '-c',
      'echo "$1"',
      'sh',
      HOSTILE_NAME,
    ])
  })

  it('are as many as the templates, each with its values whole', () => {
    const templates = ['[app]', 'x[stream]', '-i', '[param]']
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string({ unit: 'binary' }), (app, stream, param) => {
        try {
          expect(expandArguments('program', templates, someValues({ app, stream, param }))).toEqual([
            app,
            `x${stream}`,
            '-i',
            param,
          ])
        } catch (error) {
          expect(error).toBeInstanceOf(UnusableValueError)
          expect([app, `x${stream}`, param].some((each) => /^-|\.\.|\p{Cc}/u.test(each))).toBe(true)
        }
      }),
    )
  })
})

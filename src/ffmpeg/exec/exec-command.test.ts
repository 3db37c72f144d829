import { describe, expect, it } from 'vitest'
import type { StreamRequest } from '../../live/index.ts'
import { HOSTILE_NAME, someValues } from '../testing/variable-values.ts'
import { execCommand, readExecTemplate } from './exec-command.ts'

const request: StreamRequest = {
  name: { vhost: '__defaultVhost__', app: 'live', stream: 'livestream' },
  client: { id: 'c1', protocol: 'rtmp', address: '10.0.0.1' },
  vhost: '',
  parameters: new URLSearchParams(),
  param: '',
  tcUrl: '',
  pageUrl: '',
}
const toLog = { standardOutput: null, standardError: null }

describe('a program of exec', () => {
  it.each([
    ['true', { program: 'true', args: [], ...toLog }],
    ['p -i [url] x', { program: 'p', args: ['-i', '[url]', 'x'], ...toLog }],
    ['p a > out b', { program: 'p', args: ['a', 'b'], ...toLog, standardOutput: 'out' }],
    ['p 1>out 2> err', { program: 'p', args: [], standardOutput: 'out', standardError: 'err' }],
    ['p >>out', { program: 'p', args: [], ...toLog, standardOutput: 'out' }],
    ['p 3>x a>b 2', { program: 'p', args: ['3>x', 'a>b', '2'], ...toLog }],
  ])("'%s' says what is run with what, and where its outputs go", (words, template) => {
    expect(readExecTemplate(words.split(' '))).toEqual(template)
  })

  it.each([
    [[], "exec publish '' names no program"],
    [['p', '>'], "exec publish 'p' has '>' without a file behind it"],
    [['p', '2>&1'], "exec publish 'p' has '2>&1' without a file behind it; no shell reads it"],
    [['/bin/[stream]'], "[stream] can't be part of the program"],
  ])('%j is none', (words, message) => {
    expect(() => readExecTemplate(words)).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION' }))
    expect(() => readExecTemplate(words)).toThrow(message)
  })

  it('does not show its arguments in an error: they may have secrets', () => {
    expect(() => readExecTemplate(['p', 'swordfish', '>'])).toThrow(/^(?!.*swordfish)/)
  })

  it('gets its arguments whole, files that stay in their folder, and an environment with all that is known', () => {
    const template = readExecTemplate(['p', '[stream]', '>', 'out/[app]/[stream].txt'])
    const values = someValues({ stream: HOSTILE_NAME, app: 'a/.b', param: '?a=\u0000b\nc' })
    expect(execCommand(template, values, request)).toEqual({
      file: 'p',
      args: [HOSTILE_NAME],
      standardOutput: 'out/a/=2Eb/x=20-y=3B=20rm=20-rf=20=22=24HOME=22=20=24=28id=29=20=27.txt',
      environment: {
        SRS_VHOST: '__defaultVhost__',
        SRS_APP: 'a/.b',
        SRS_STREAM: HOSTILE_NAME,
        SRS_PARAM: '?a=bc',
        SRS_URL: 'rtmp://127.0.0.1:19350/live/livestream?token=1',
        SRS_TC_URL: 'rtmp://host/live',
        SRS_SWF_URL: 'http://host/a.swf',
        SRS_PAGE_URL: 'http://host/',
        SRS_PORT: '19350',
        SRS_CLIENT_ID: 'c1',
        SRS_CLIENT_ADDRESS: '10.0.0.1',
        SRS_CLIENT_PROTOCOL: 'rtmp',
      },
    })
  })
})

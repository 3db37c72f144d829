import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../base/index.ts'
import { parseStreamName, type StreamRequest } from '../../live/index.ts'
import { AccessAdmission, loadAccessRules } from './access-admission.ts'
import type { AccessOptions } from './options.ts'
import { ProgramPasses } from './program-passes.ts'
import { RemoteKeySets } from './remote-key-sets.ts'
import { HandClock, requestOf } from './testing/access-rig.ts'

const VHOST = '__defaultVhost__'
const NAME = parseStreamName('live/demo')
const clock = new HandClock()
const setup = { clock, logger: silentLogger, keySets: new RemoteKeySets(clock, silentLogger) }
const token = { keys: [{ id: 'k1', secret: 'the secret of this key' }] }
const refer = { all: ['example.com'] }
const nobody = { rules: [{ effect: 'deny', action: 'play', address: 'all' }] } as const

async function admissionOf(access: AccessOptions, passes: ProgramPasses): Promise<AccessAdmission> {
  const admission = new AccessAdmission(passes)
  admission.use(await loadAccessRules([{ name: VHOST, access }], setup))
  return admission
}

describe('a pass', () => {
  it('lets in in place of every rule, for one stream and one role, while its program lives', async () => {
    const passes = new ProgramPasses((address) => address === '127.0.0.1')
    const admission = await admissionOf({ token, refer, security: nobody }, passes)
    const { word, open, close } = passes.issue('play', NAME)
    const asked = (more: Partial<StreamRequest> = {}): StreamRequest => ({
      ...requestOf({}),
      name: NAME,
      pass: word,
      client: { id: 'c1', protocol: 'rtmp', address: '127.0.0.1' },
      ...more,
    })
    const may = async (request: StreamRequest): Promise<boolean> => (await admission.mayPlay(request)).allowed
    expect(await may(asked())).toBe(false)
    open()
    expect(await may(asked())).toBe(true)
    expect(await may(asked({ name: parseStreamName('live/other') }))).toBe(false)
    expect(await may(asked({ name: { ...NAME, vhost: 'a.example' } })).catch(() => false)).toBe(false)
    expect(await may(asked({ pass: `${word}0` }))).toBe(false)
    const elsewhere = { id: 'c2', protocol: 'rtmp', address: '192.0.2.1' } as const
    expect(await may(asked({ client: elsewhere }))).toBe(false)
    expect((await admission.mayPublish(asked())).allowed).toBe(false)
    close()
    expect(await may(asked())).toBe(false)
  })

  it('is another each time, and long enough not to be guessed', () => {
    const passes = new ProgramPasses(() => true)
    const words = Array.from({ length: 50 }, () => passes.issue('play', NAME).word)
    expect(new Set(words).size).toBe(50)
    expect(words.every((word) => /^[0-9a-f]{32}$/.test(word))).toBe(true)
  })

  it.each<[string, AccessOptions, boolean, boolean]>([
    ['without rules', {}, false, false],
    ['with tokens for players', { token: { ...token, require: ['play'] } }, false, true],
    ['with a page for all', { refer }, true, true],
    ['with a page for publishers', { refer: { publish: ['example.com'] } }, true, false],
    [
      'with players of this machine',
      { security: { rules: [{ effect: 'allow', action: 'play', address: '127.0.0.1' }] } },
      false,
      false,
    ],
    ['where nobody may play', { security: nobody }, false, true],
  ])(
    'is needed where the rules demand what a program does not have: %s',
    async (_, access, publish, play) => {
      const admission = await admissionOf(access, new ProgramPasses(() => true))
      expect([
        admission.needsPass('publish', NAME, '127.0.0.1'),
        admission.needsPass('play', NAME, '127.0.0.1'),
      ]).toEqual([publish, play])
    },
  )
})

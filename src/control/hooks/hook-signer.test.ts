import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { RecordingLogger } from '../../../test/support/server.ts'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { HookSigner, loadHookSigner } from './hook-signer.ts'

const files = new TemporaryFolder()
afterAll(() => files.remove())

const NONE = { secret: null, secretVariable: null, secretFile: null }

describe('a signer of hooks', () => {
  it('signs as Standard Webhooks says: its own example', () => {
    // From the specification's libraries: id, timestamp, body and signature that all of them must agree on.
    const signer = new HookSigner(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])
    expect(signer.sign('msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}')).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    )
  })

  it('takes keys from the program, the environment and the lines of a file, and signs with each', async () => {
    const folder = files.write({
      secrets: '# from 2026 on\nwhsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n\nthe one before, of 28 letters\r\n',
    })
    const log = new RecordingLogger()
    const secretFile = join(folder, 'secrets')
    chmodSync(secretFile, 0o644)
    vi.stubEnv('HOOK_SECRET_OF_THE_TEST', 'that of the environment: 123')
    try {
      const secret = 'that of the program: 1234567'
      const options = { secret, secretVariable: 'HOOK_SECRET_OF_THE_TEST', secretFile }
      const signer = await loadHookSigner(options, log)
      const all = [
        secret,
        process.env.HOOK_SECRET_OF_THE_TEST ?? '',
        'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        'the one before, of 28 letters',
      ]
      expect(signer.sign('id', 1, 'body')).toBe(new HookSigner(all).sign('id', 1, 'body'))
      expect(signer.sign('id', 1, 'body').split(' ')).toHaveLength(4)
    } finally {
      vi.unstubAllEnvs()
    }
    expect(log.lines.map(({ message }) => message)).toEqual([
      'everybody on this machine can read a file with keys: chmod 600',
    ])
  })

  it('signs nothing without a key', async () => {
    expect((await loadHookSigner(NONE, new RecordingLogger())).signs).toBe(false)
  })

  it.each([
    [{ ...NONE, secret: 'short' }, 'a secret has 5 characters, fewer than MIN_HOOK_SECRET_LENGTH (24)'],
    [{ ...NONE, secretVariable: 'NO_SUCH_VARIABLE' }, "the environment has no variable 'NO_SUCH_VARIABLE'"],
    [{ ...NONE, secretFile: '/no/such' }, "hookDelivery.secretFile: /no/such can't be read"],
    [{ ...NONE, secretFile: 'empty' }, 'has no secret in it'],
    [{ ...NONE, secretFile: 'many' }, 'there are 11 secrets, more than MAX_HOOK_SECRETS (10)'],
  ])('says what is wrong with %j', async (options, message) => {
    const folder = files.write({ empty: '# nothing\n', many: `${'x'.repeat(30)}\n`.repeat(11) })
    const { secretFile } = options
    const given =
      secretFile === null || secretFile.startsWith('/')
        ? options
        : { ...options, secretFile: join(folder, secretFile) }
    await expect(loadHookSigner(given, new RecordingLogger())).rejects.toThrow(message)
  })
})

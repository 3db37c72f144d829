import { generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCertificate, type TestCertificate, writeBeside } from '../../test/support/certificate.ts'
import { FileScope } from '../../test/support/server.ts'
import { loadCredentials } from './index.ts'

const scope = new FileScope()
let files: TestCertificate
let text: TestCertificate
beforeAll(async () => {
  files = await makeCertificate(scope, 'live.example.com')
  text = {
    certificate: await readFile(files.certificate, 'latin1'),
    key: await readFile(files.key, 'latin1'),
  }
})
afterAll(() => scope.clean())

async function failure(options: Partial<TestCertificate>): Promise<unknown> {
  return await loadCredentials({ ...files, ...options }, 'RTMPS').catch((error: unknown) => error)
}

describe('a certificate and its key', () => {
  it('are read from files, and say whom they are for and until when they hold', async () => {
    const { validTo, ...rest } = await loadCredentials(files, 'RTMPS')
    expect(rest).toEqual({ cert: text.certificate, key: text.key, subject: 'CN=live.example.com' })
    expect(validTo.getTime()).toBeGreaterThan(Date.now())
  })

  it('may be given as text', async () => {
    expect(await loadCredentials(text, 'RTMPS')).toEqual(await loadCredentials(files, 'RTMPS'))
  })

  it('may be followed by intermediate certificates', async () => {
    const other = await readFile((await makeCertificate(scope, 'an authority')).certificate, 'latin1')
    const chain = await loadCredentials({ ...files, certificate: `${text.certificate}${other}` }, 'RTMPS')
    expect(chain.subject).toBe('CN=live.example.com')
  })
})

describe('a certificate that cannot be used is refused with a reason:', () => {
  it('a file that is not there', async () => {
    const certificate = join(dirname(files.certificate), 'missing.pem')
    expect(await failure({ certificate })).toMatchObject({
      code: 'ERR_CERTIFICATE',
      message: `the certificate for RTMPS '${certificate}' is not there`,
      cause: { code: 'ENOENT' },
    })
  })

  it('a folder', async () => {
    const key = dirname(files.key)
    expect(await failure({ key })).toMatchObject({ message: `the key for RTMPS '${key}' is a folder` })
  })

  it('a file that is not PEM', async () => {
    const certificate = await writeBeside(files, 'binary.der', '\x30\x82\x01\x00')
    expect(await failure({ certificate })).toMatchObject({
      message: `the certificate for RTMPS '${certificate}' is not PEM: it has no line that starts with -----BEGIN`,
    })
  })

  it('the two in each other’s place', async () => {
    expect(await failure({ certificate: files.key })).toMatchObject({
      message: `the certificate for RTMPS '${files.key}' has no certificate, but 'PRIVATE KEY'`,
    })
    expect(await failure({ key: files.certificate })).toMatchObject({
      message: `the key for RTMPS '${files.certificate}' has no private key, but 'CERTIFICATE'`,
    })
  })

  it('a file that was cut off', async () => {
    const certificate = await writeBeside(files, 'cut.pem', text.certificate.slice(0, 200))
    expect(await failure({ certificate })).toMatchObject({
      message: expect.stringContaining(`'${certificate}' is damaged`),
    })
    const key = await writeBeside(files, 'cut-key.pem', text.key.replace(/[a-z]{3}/, '###'))
    expect(await failure({ key })).toMatchObject({ message: expect.stringContaining(`'${key}' is damaged`) })
  })

  it('a key that is locked', async () => {
    const { privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    expect(await failure({ key: privateKey })).toMatchObject({
      message: expect.stringMatching(
        /^the key for RTMPS given as text is locked with a passphrase; unlock it/,
      ),
    })
  })

  it('a key of another certificate', async () => {
    const { key } = await makeCertificate(scope)
    expect(await failure({ key })).toMatchObject({
      code: 'ERR_CERTIFICATE',
      message: `the key for RTMPS '${key}' does not belong to the certificate '${files.certificate}'`,
    })
  })

  it('a key that is too small to be safe', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    expect(await failure({ key })).toMatchObject({ code: 'ERR_CERTIFICATE' })
  })
})

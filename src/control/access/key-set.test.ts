import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAX_KEY_SET_BYTES, readKeySetFile } from './key-set.ts'
import { KeySetServer, makeSigningKey } from './testing/jwt-rig.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'key-set-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function read(text: string): Promise<unknown> {
  const path = join(folder, 'keys.json')
  await writeFile(path, text)
  return await readKeySetFile(path, 'access.jwt.jwksFile')
}

describe('a file with a key set', () => {
  it('is read', async () => {
    expect(await read(KeySetServer.bodyOf([await makeSigningKey('k1')]))).toMatchObject({
      find: expect.any(Function),
    })
  })

  it.each([
    ['', 'Unexpected end of JSON input'],
    ['[]', 'it is no JSON Web Key Set'],
    ['{"keys":[1]}', 'it is no JSON Web Key Set'],
    ['{"keys":[]}', 'it has no public key'],
    ['{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}', 'it has no public key'],
    ['{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}]}', 'it has no public key'],
    ['{"keys":[{"kty":"RSA","n":"AA","e":"AQAB","use":"enc"}]}', 'it has no public key'],
    [' '.repeat(MAX_KEY_SET_BYTES + 1), `at most ${MAX_KEY_SET_BYTES} bytes (MAX_KEY_SET_BYTES)`],
  ])('is refused as %j', async (text, message) => {
    const where = `access.jwt.jwksFile: ${join(folder, 'keys.json')} can't be used: `
    await expect(read(text)).rejects.toThrow(where)
    await expect(read(text)).rejects.toThrow(message)
  })
})

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ServerError, silentLogger } from '../../base/index.ts'
import { WarningLogger } from './testing/access-rig.ts'
import { MAX_KEY_FILE_BYTES, MAX_TOKEN_KEYS, readKeyFile, readTokenKeys } from './token-keys.ts'

const SECRET = 'a secret that is long enough'.replaceAll(' ', '-')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'token-keys-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function fileOf(text: string, mode = 0o600): Promise<string> {
  const path = join(folder, 'keys')
  await writeFile(path, text)
  await chmod(path, mode)
  return path
}

describe('a file of keys', () => {
  it('has a key in each line that is not blank and no comment', async () => {
    const path = await fileOf(`# newest first\n\n  k2\t${SECRET}2  \r\nk1 ${SECRET}1`)
    expect(await readKeyFile(path, 'keyFile', silentLogger)).toEqual([
      { id: 'k2', secret: `${SECRET}2` },
      { id: 'k1', secret: `${SECRET}1` },
    ])
  })

  it('that everybody can read is warned about, and used', async () => {
    const logger = new WarningLogger()
    expect(await readKeyFile(await fileOf(`k1 ${SECRET}`, 0o640), 'keyFile', logger)).toHaveLength(1)
    expect(logger.warnings).toEqual([])
    expect(await readKeyFile(await fileOf(`k1 ${SECRET}`, 0o644), 'keyFile', logger)).toHaveLength(1)
    expect(logger.warnings).toEqual([
      {
        message: 'everybody on this machine can read a file with keys: chmod 600',
        fields: { file: join(folder, 'keys'), option: 'keyFile' },
      },
    ])
  })

  it.each([
    [
      `k1 ${SECRET}\nk2 short`,
      "keys:2: the secret of key 'k2' has 5 characters, fewer than MIN_TOKEN_SECRET_LENGTH (16)",
    ],
    [`k1 ${SECRET} more`, 'keys:1: a line has an id and a secret, and no more'],
    [`k.1 ${SECRET}`, "keys:1: a key's id has 1 to 32 letters"],
    [`${SECRET.repeat(2)}`, "keys:1: a key's id has 1 to 32 letters"],
    ['x'.repeat(MAX_KEY_FILE_BYTES + 1), `more than MAX_KEY_FILE_BYTES (${MAX_KEY_FILE_BYTES})`],
  ])('with %j is refused, and no secret is told', async (text, message) => {
    const failure = await readKeyFile(await fileOf(text), 'keyFile', silentLogger).catch(
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(ServerError)
    expect(String(failure)).toContain(message)
    expect(String(failure)).not.toContain(SECRET)
  })

  it('that is none is refused', async () => {
    await expect(readKeyFile(folder, 'keyFile', silentLogger)).rejects.toThrow(
      `keyFile: ${folder} can't be read: it is no file`,
    )
    await expect(readKeyFile(join(folder, 'none'), 'keyFile', silentLogger)).rejects.toThrow('ENOENT')
  })
})

describe('the keys of tokens', () => {
  const key = { id: 'k1', secret: SECRET }

  it('are those of the options and of the file', async () => {
    const keyFile = await fileOf(`k2 ${SECRET}`)
    const keys = await readTokenKeys({ keys: [key], keyFile }, 'access.token', silentLogger)
    expect([...keys.keys()]).toEqual(['k1', 'k2'])
  })

  it.each([
    [{}, 'access.token: there are 0 keys, it takes 1 to 100 (MAX_TOKEN_KEYS)'],
    [{ keys: [key, key] }, 'access.token: two keys have the same id'],
    [{ keys: [{ id: '', secret: SECRET }] }, "access.token.keys[0]: a key's id has 1 to 32 letters"],
    [
      {
        keys: Array.from({ length: MAX_TOKEN_KEYS + 1 }, (_, index) => ({ id: `k${index}`, secret: SECRET })),
      },
      'access.token: there are 101 keys',
    ],
  ])('are refused as %j', async (options, message) => {
    await expect(readTokenKeys(options, 'access.token', silentLogger)).rejects.toThrow(message)
  })
})

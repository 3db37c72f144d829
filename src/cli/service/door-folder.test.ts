import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { doorFolderOf, findDoors, prepareDoor } from './door-folder.ts'
import { leaveSocket } from './testing/leave-socket.ts'

/** No process, and no user, has such a number. */
const NOBODY = 2 ** 22 + 1

describe('the folder of doors', () => {
  let root: string
  let folder: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'doors-'))
    folder = join(root, 'srs')
  })
  afterEach(() => rmSync(root, { recursive: true }))

  it('is in XDG_RUNTIME_DIR, or else in the temporary folder, by user', () => {
    expect(doorFolderOf({ XDG_RUNTIME_DIR: '/run/user/1000' })).toBe('/run/user/1000/srs')
    expect(doorFolderOf({ XDG_RUNTIME_DIR: '' })).toBe(join(tmpdir(), `srs-${process.getuid?.()}`))
  })

  it('is found without a name of the user, whom a container may not know', () => {
    const getuid = vi.spyOn(process, 'getuid').mockReturnValue(NOBODY)
    expect(doorFolderOf({})).toBe(join(tmpdir(), `srs-${NOBODY}`))
    getuid.mockRestore()
  })

  it('has a door of this process by port, and is made for its user alone', async () => {
    const path = await prepareDoor(folder, 1935)
    expect(path).toBe(join(folder, `1935-${process.pid}.sock`))
    expect(findDoors(folder)).toEqual([])
    writeFileSync(path, '')
    expect(findDoors(folder)).toEqual([{ path, port: 1935, pid: process.pid }])
  })

  it('loses the doors that killed servers have left, and nothing else', async (scope) => {
    mkdirSync(folder, { mode: 0o700 })
    const served = createServer()
    // A server in another container: its number is nobody's here.
    await new Promise<void>((resolve) => served.listen(join(folder, `1-${NOBODY}.sock`), resolve))
    scope.onTestFinished(() => void served.close())
    // The number of the killed one is another process's by now.
    leaveSocket(join(folder, `2-${process.pid}.sock`))
    leaveSocket(join(folder, `3-${NOBODY}.sock.0123abcd`))
    leaveSocket(join(folder, `4-${NOBODY}.sock.0123abcd`))
    utimesSync(join(folder, `4-${NOBODY}.sock.0123abcd`), 0, 0)
    leaveSocket(join(folder, 'other.sock'))
    leaveSocket(join(root, 'elsewhere.sock'))
    symlinkSync(join(root, 'elsewhere.sock'), join(folder, `5-${NOBODY}.sock`))
    writeFileSync(join(folder, `6-${NOBODY}.sock`), 'no socket')
    await prepareDoor(folder, 1935)
    expect(readdirSync(folder).toSorted()).toEqual([
      `1-${NOBODY}.sock`,
      `3-${NOBODY}.sock.0123abcd`,
      `5-${NOBODY}.sock`,
      `6-${NOBODY}.sock`,
      'other.sock',
    ])
    expect(existsSync(join(root, 'elsewhere.sock'))).toBe(true)
  })

  it.each([
    [
      'others may enter',
      () => {
        mkdirSync(folder)
        chmodSync(folder, 0o755)
      },
    ],
    ['it is a link', () => symlinkSync(root, folder)],
  ])('is not used if %s', async (_, make) => {
    make()
    await expect(prepareDoor(folder, 1935)).rejects.toThrow('is not a folder of this user alone')
    expect(findDoors(folder)).toEqual([])
  })

  it('is not made where there is no folder to make it in, and that is told at once', async () => {
    await expect(prepareDoor(join(root, 'nothing', 'srs'), 1935)).rejects.toThrow('ENOENT')
    expect(existsSync(join(root, 'nothing'))).toBe(false)
    // Whatever the system is, nothing can be made there.
    await expect(prepareDoor('/proc/nothing/srs', 1935)).rejects.toThrow('ENOENT')
  })

  it('has no doors if there is none', () => {
    expect(findDoors(join(root, 'nothing'))).toEqual([])
  })
})

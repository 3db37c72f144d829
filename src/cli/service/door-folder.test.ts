import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { doorFolderOf, findDoors, prepareDoor } from './door-folder.ts'

/** No process has such a number. */
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

  it('has a door of this process by port, and is made for its user alone', () => {
    const path = prepareDoor(folder, 1935)
    expect(path).toBe(join(folder, `1935-${process.pid}.sock`))
    expect(findDoors(folder)).toEqual([])
    writeFileSync(path, '')
    expect(findDoors(folder)).toEqual([{ path, port: 1935, pid: process.pid }])
  })

  it('loses the doors of processes that have ended, and nothing else', () => {
    mkdirSync(folder, { mode: 0o700 })
    for (const name of [`1-${NOBODY}.sock`, `2-${process.pid}.sock`, 'notes.txt']) {
      writeFileSync(join(folder, name), '')
    }
    expect(findDoors(folder).map(({ port }) => port)).toEqual([1, 2])
    prepareDoor(folder, 3)
    expect(findDoors(folder).map(({ port }) => port)).toEqual([2])
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
  ])('is not used if %s', (_, make) => {
    make()
    expect(() => prepareDoor(folder, 1935)).toThrow('is not a folder of this user alone')
    expect(findDoors(folder)).toEqual([])
  })

  it('is not made where there is no folder to make it in, and that is told at once', () => {
    expect(() => prepareDoor(join(root, 'nothing', 'srs'), 1935)).toThrow('ENOENT')
    expect(existsSync(join(root, 'nothing'))).toBe(false)
    // Whatever the system is, nothing can be made there.
    expect(() => prepareDoor('/proc/nothing/srs', 1935)).toThrow('ENOENT')
  })

  it('has no doors if there is none', () => {
    expect(findDoors(join(root, 'nothing'))).toEqual([])
  })
})

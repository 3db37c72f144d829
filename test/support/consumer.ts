import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { built, REPOSITORY } from './program.ts'
import type { Scope } from './server.ts'
import { mediaFolder } from './sources.ts'

/** What the compiler of a program that uses the package is set to: as strict as ours, and it looks into our types, too. */
const COMPILER_OPTIONS = {
  target: 'es2023',
  lib: ['es2023', 'esnext.disposable'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: false,
}

/**
 * Makes the program of somebody else, in a folder of its own, with the built package, pino and Node's types installed.
 * @param source `program.ts`
 * @param compilerOptions over the usual ones
 */
export async function makeConsumer(
  scope: Scope,
  source: string,
  compilerOptions: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  built('index.js')
  const folder = await mediaFolder(scope)
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, '@types'), { recursive: true })
  await symlink(REPOSITORY, join(modules, 'simple-rtmp-server'))
  for (const name of ['@types/node', 'pino']) {
    await symlink(join(REPOSITORY, 'node_modules', name), join(modules, name))
  }
  const settings = { compilerOptions: { ...COMPILER_OPTIONS, ...compilerOptions }, include: ['*.ts'] }
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }')
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  await writeFile(join(folder, 'program.ts'), source)
  return folder
}

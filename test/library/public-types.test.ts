import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { built, REPOSITORY, runProgram } from '../support/program.ts'
import { FileScope, type Scope } from '../support/server.ts'
import { mediaFolder } from '../support/sources.ts'

/** What a program's compiler is set to, as strict as ours, and looking into our declarations, too. */
const COMPILER_OPTIONS = {
  target: 'es2023',
  lib: ['es2023', 'esnext.disposable'],
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: false,
}

/** A program of somebody else, in a folder of its own, with the package and its types installed. */
async function makeProgram(scope: Scope, source: string, module: string): Promise<string> {
  built('index.d.ts')
  const folder = await mediaFolder(scope)
  await mkdir(join(folder, 'node_modules', '@types'), { recursive: true })
  await symlink(REPOSITORY, join(folder, 'node_modules', 'simple-rtmp-server'))
  for (const name of ['@types/node', 'pino']) {
    await symlink(join(REPOSITORY, 'node_modules', name), join(folder, 'node_modules', name))
  }
  const moduleResolution = module === 'nodenext' ? 'nodenext' : 'bundler'
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }')
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...COMPILER_OPTIONS, module, moduleResolution }, include: ['*.ts'] }),
  )
  await writeFile(join(folder, 'program.ts'), source)
  return folder
}

describe('the public types', () => {
  it.each(['nodenext', 'esnext'])('hold for a program that is compiled with module %s', async (module) => {
    const source = await readFile(new URL('public-types.ts', import.meta.url), 'utf8')
    const program = source.replace("'../../src/index.ts'", "'simple-rtmp-server'")
    expect(program).not.toBe(source)
    await withProgram(program, module, (result) => {
      expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
    })
  })

  it('are there: a program with a mistake is not compiled', async () => {
    const program =
      "import { createServer } from 'simple-rtmp-server'\nawait createServer({ rtmp: { port: '1935' } })\n"
    await withProgram(program, 'nodenext', ({ code, stdout }) => {
      expect(code).not.toBe(0)
      expect(stdout).toContain(
        "program.ts(2,30): error TS2322: Type 'string' is not assignable to type 'number'.",
      )
    })
  })
})

async function withProgram(
  source: string,
  module: string,
  check: (result: Awaited<ReturnType<typeof runProgram>>) => void,
): Promise<void> {
  const scope = new FileScope()
  try {
    const folder = await makeProgram(scope, source, module)
    check(await runProgram(scope, ['tsc', '-p', folder]))
  } finally {
    await scope.clean()
  }
}

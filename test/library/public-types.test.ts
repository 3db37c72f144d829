import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { makeConsumer } from '../support/consumer.ts'
import { runProgram } from '../support/program.ts'
import { FileScope } from '../support/server.ts'

/** Compiles a program that uses the built package. */
async function compile(
  source: string,
  compilerOptions: Record<string, unknown> = {},
): ReturnType<typeof runProgram> {
  const scope = new FileScope()
  try {
    return await runProgram(scope, ['tsc', '-p', await makeConsumer(scope, source, compilerOptions)])
  } finally {
    await scope.clean()
  }
}

describe('the public types', () => {
  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('hold for a program that is compiled with module %s', async (module, moduleResolution) => {
    const source = await readFile(new URL('public-types.ts', import.meta.url), 'utf8')
    const program = source.replace("'../../src/index.ts'", "'simple-rtmp-server'")
    expect(program).not.toBe(source)
    const result = await compile(program, { module, moduleResolution })
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
  })

  it('are there: a program with a mistake is not compiled', async () => {
    const { code, stdout } = await compile(
      "import { createServer } from 'simple-rtmp-server'\nawait createServer({ rtmp: { port: '1935' } })\n",
    )
    expect(code).not.toBe(0)
    expect(stdout).toContain(
      "program.ts(2,30): error TS2322: Type 'string' is not assignable to type 'number'.",
    )
  })
})

import { access, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execPath } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { built, REPOSITORY, runProgram, startProgram } from '../support/program.ts'
import { FileScope, type Scope } from '../support/server.ts'
import { mediaFolder } from '../support/sources.ts'
import { ask } from '../support/web.ts'

/** Files of a package as `npm pack` tells of them. */
type Packed = Readonly<{ filename: string; files: readonly { path: string; size: number; mode: number }[] }>

const fileScope = new FileScope()
let packed: Packed
/** A folder whose `node_modules` has the package as it would be published, and what it depends on. */
let folder: string
beforeAll(async () => {
  built('index.js')
  built('web/index.html')
  folder = await mediaFolder(fileScope)
  // Scripts would build again, in the middle of the other tests.
  const pack = [
    'npm',
    'pack',
    '--json',
    '--ignore-scripts',
    '--loglevel',
    'error',
    '--pack-destination',
    folder,
  ]
  const { code, stdout, stderr } = await runProgram(fileScope, pack)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  packed = Object.values(JSON.parse(stdout) as Record<string, Packed>)[0] as Packed
  await install(fileScope)
})
afterAll(() => fileScope.clean())

/** Puts the package and what it asks for at run time where npm would, without a registry. */
async function install(scope: Scope): Promise<void> {
  const modules = join(folder, 'node_modules')
  const target = join(modules, manifest.name)
  await mkdir(target, { recursive: true })
  const tar = ['tar', '-xzf', join(folder, packed.filename), '-C', target, '--strip-components=1']
  expect(await runProgram(scope, tar)).toMatchObject({ code: 0, stderr: '' })
  // Dependencies only: what is needed at run time and stands elsewhere is missed here.
  for (const name of Object.keys(manifest.dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true })
    await symlink(join(REPOSITORY, 'node_modules', name), join(modules, name))
  }
  await mkdir(join(modules, '.bin'))
  await symlink(join('..', manifest.name, manifest.bin.srs), join(modules, '.bin', 'srs'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }')
}

function paths(): string[] {
  return packed.files.map((file) => file.path)
}

describe('the package', () => {
  it('has the program, the library with its types, the page, the clip, the documentation and configurations', () => {
    const wanted = [
      'package.json',
      'docs/README.md',
      'docs/embed.md',
      'README.md',
      'LICENSE',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/cli/main.js',
      'dist/web/index.html',
      'assets/demo.flv',
      'conf/minimal.conf',
    ]
    expect(paths()).toEqual(expect.arrayContaining(wanted))
  })

  it('has nothing else but files to copy: no tests, sources, scripts or settings', () => {
    const allowed =
      /^(package\.json|(README|LICENSE|CHANGELOG)(\.md)?|assets\/demo\.flv|docs\/.+\.(md|png|svg)|docs\/(openapi|grafana\/srs)\.json|conf\/\w[\w-]*\.conf|packaging\/systemd\/[\w.]+|dist\/.+)$/
    expect(paths().filter((path) => !allowed.test(path))).toEqual([])
    expect(paths().filter((path) => /\.test\.|\/testing\/|(?<!\.d)\.ts$|\.tsx$/.test(path))).toEqual([])
  })

  it('is small enough to be installed without a thought', () => {
    const bytes = packed.files.reduce((sum, file) => sum + file.size, 0)
    // Source maps are part of it, without the sources: stack traces name lines of TypeScript.
    expect(bytes).toBeLessThan(8 * 1024 * 1024)
  })

  it('names files that are there', () => {
    const named = [manifest.exports['.'].types, manifest.exports['.'].default, manifest.bin.srs]
    for (const path of named) {
      expect(paths()).toContain(path.replace('./', ''))
    }
  })
})

describe('srs from the package', () => {
  it('can be started as a command', async (scope) => {
    const file = join(folder, 'node_modules', manifest.name, manifest.bin.srs)
    expect((await readFile(file, 'utf8')).split('\n')[0]).toBe(
      '#!/usr/bin/env -S node --max-semi-space-size=8 --v8-pool-size=1',
    )
    const { code, stdout, stderr } = await runProgram(scope, [execPath, file, '--version'], { cwd: folder })
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' })
  })

  it('is found by its name through npm', async (scope) => {
    // What npm does with a package's programs when it installs them.
    await runProgram(scope, ['chmod', '+x', join(folder, 'node_modules', '.bin', 'srs')])
    const run = ['npm', 'exec', '--offline', '--no-update-notifier', '--', 'srs', '--version']
    const { code, stdout } = await runProgram(scope, run, { cwd: folder })
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${manifest.version}\n` })
  })

  it('serves the page with all its parts, and the demo', async (scope) => {
    const file = join(folder, 'node_modules', manifest.name, manifest.bin.srs)
    const ports = ['--listen', '127.0.0.1:0', '--http-listen', '127.0.0.1:0']
    const program = startProgram(scope, [execPath, file, '--demo', ...ports], { cwd: folder })
    const [, url = ''] = await program.waitForOutput(/Page +(\S+)[\s\S]*Ctrl-C/)
    const { status, body } = await ask(url)
    expect(status).toBe(200)
    const parts = [...(body ?? '').matchAll(/(?:src|href)="(\.\/[^"]+)"/g)].map(([, part = '']) => part)
    expect(parts.length).toBeGreaterThan(1)
    for (const part of parts) {
      expect({ part, status: (await ask(new URL(part, url).href)).status }).toEqual({ part, status: 200 })
    }
    expect((await ask(`${url}live/demo.flv`)).status).toBe(200)
    program.kill('SIGINT')
    expect(await program.exited).toEqual({ code: 0, signal: null })
  })
})

describe('the library from the package', () => {
  it('runs in a program that imports it by its name', async (scope) => {
    const source = [
      "import { createServer, ServerError } from 'simple-rtmp-server'",
      'const server = await createServer({ rtmp: { port: 0 }, http: { port: 0 } })',
      'console.log(typeof server.rtmpUrl, (await fetch(server.httpUrl)).status, ServerError.name)',
      'await server.close()',
    ]
    await writeFile(join(folder, 'program.js'), `${source.join('\n')}\n`)
    const { code, stdout, stderr } = await runProgram(scope, [execPath, 'program.js'], { cwd: folder })
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'string 200 ServerError\n', stderr: '' })
  })

  it('hides what is not public', async (scope) => {
    await writeFile(join(folder, 'curious.js'), "await import('simple-rtmp-server/dist/live/index.js')\n")
    const { code, stderr } = await runProgram(scope, [execPath, 'curious.js'], { cwd: folder })
    expect(code).toBe(1)
    expect(stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED')
    await access(join(folder, 'node_modules', manifest.name, 'dist/live/index.js'))
  })
})

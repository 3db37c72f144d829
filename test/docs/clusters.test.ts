import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { afterAll, describe, expect, it } from 'vitest'
import { type Block, readBlocks, readPage } from '../support/docs.ts'
import { playHttpFlv } from '../support/players.ts'
import { freePort } from '../support/ports.ts'
import { built, REPOSITORY, startProgram } from '../support/program.ts'
import { FileScope } from '../support/server.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait.ts'
import { ask } from '../support/web.ts'

const PAGE = 'docs/clusters.md'
/** How much of the stream a viewer must get, ms. */
const WATCHED_MS = 2_000

const folder = new TemporaryFolder()
afterAll(() => folder.remove())

/** The files a command starts servers with, by path. */
function filesOf(command: string): Record<string, string> {
  const paths = [...command.matchAll(/conf\/[\w-]+\.conf/g)].map(([path]) => path)
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(REPOSITORY, path), 'utf8')]))
}

/** Free ports for those that files say, by these. */
async function freePortsFor(texts: readonly string[]): Promise<Map<string, number>> {
  const said = texts.flatMap((text) => [...text.matchAll(/\blisten (\d+);/g)].map(([, port = '']) => port))
  return new Map(await Promise.all(said.map(async (port) => [port, await freePort()] as const)))
}

/** The same file on other ports, for this machine only. */
function onPorts(text: string, ports: ReadonlyMap<string, number>): string {
  return text
    .replace(/\blisten (\d+);/g, (_, port: string) => `listen 127.0.0.1:${ports.get(port)};`)
    .replace(/\b127\.0\.0\.1:(1\d+)\b/g, (whole, port: string) =>
      ports.has(port) ? `127.0.0.1:${ports.get(port)}` : whole,
    )
}

/** Where the page says, behind a command, that one may watch. */
function watchedAt({ line }: Block, ports: ReadonlyMap<string, number>): string {
  const rest = readPage(PAGE).split('\n').slice(line).join('\n')
  const [, port = '', path = ''] = /http:\/\/localhost:(\d+)(\/live\/demo\.flv)/.exec(rest) ?? []
  return `http://127.0.0.1:${ports.get(port)}${path}`
}

describe.concurrent('the command of docs/clusters.md', () => {
  it.each(readBlocks(PAGE, 'sh').map((block) => ({ block, text: block.text.trim() })))(
    '$text starts servers that have the stream where the page says, and Ctrl-C ends them',
    async ({ block, text }) => {
      const files = filesOf(text)
      const ports = await freePortsFor(Object.values(files))
      const cwd = folder.write(
        Object.fromEntries(
          Object.entries(files).map(([path, content]) => [
            path,
            `${onPorts(content, ports)}pid ./${path}.pid;\n`,
          ]),
        ),
      )
      const command = text.replaceAll('srs -c', `"${execPath}" "${built('cli/main.js')}" -c`)
      const scope = new FileScope()
      try {
        const program = startProgram(scope, ['sh', '-c', command], { cwd })
        const url = watchedAt(block, ports)
        await waitFor(
          () => `${url} has the stream: ${program.output}`,
          async () => (await ask(url).catch(() => null))?.status === 200,
        )
        const player = await playHttpFlv(scope, url)
        await player.reaches(WATCHED_MS)
        if ('conf/standby.conf' in files) {
          process.kill(Number(readFileSync(join(cwd, 'conf/origin.conf.pid'), 'utf8')), 'SIGKILL')
          await player.reaches(player.newestMs + WATCHED_MS)
        }
        expect(program.output).not.toContain('no effect')
        program.pressControlC()
        await program.exited
        const closed = program.stdout.match(/^Closing: /gm)?.length
        expect(closed).toBe(Object.keys(files).length - ('conf/standby.conf' in files ? 1 : 0))
      } finally {
        await scope.clean()
      }
    },
  )
})

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { execPath } from 'node:process'
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { readBlocks, readPage } from '../support/docs.ts'
import { freePort } from '../support/ports.ts'
import { built, type Program, REPOSITORY, runProgram, startProgram } from '../support/program.ts'
import { FileScope } from '../support/server.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait.ts'
import { ask } from '../support/web.ts'

const PAGE = 'docs/demo.md'
/** Each stream with its size. */
const STREAMS = [
  ['live/livestream', 640, 360],
  ['live/livestream_ld', 192, 108],
  ['live/livestream_sd', 320, 180],
] as const

const scope = new FileScope()
const folder = new TemporaryFolder()
afterAll(async () => {
  await scope.clean()
  folder.remove()
})

/** Starts `npm run demo:full`, but for the build of the page, and on free ports. What it leaves would be in the folder. */
function startDemo(env: Record<string, string> = {}): { demo: Program; traces: string } {
  const traces = folder.write({})
  const command = [execPath, 'scripts/demo-full.ts', '--host', '127.0.0.1', '--free-ports']
  return { demo: startProgram(scope, command, { env: { TMPDIR: traces, ...env } }), traces }
}

/** Processes that have the folder in their environment: the demo, and all that came of it. */
function processesOf(traces: string): string[] {
  const { stdout } = spawnSync('ps', ['axeww', '-o', 'pid=,command='], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  return stdout.split('\n').filter((line) => line.includes(traces))
}

/** Ends it, and looks whether something is left. */
async function requireNoTrace(demo: Program, traces: string, end: () => void, code: number): Promise<void> {
  const ports = [...demo.stdout.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port))
  expect(processesOf(traces).length).toBeGreaterThan(2)
  end()
  expect(await demo.exited).toEqual({ code, signal: null })
  await waitFor(
    () => `nothing of it runs: ${processesOf(traces).join('\n')}`,
    () => processesOf(traces).length === 0,
  )
  // The folder of doors is for all servers of the user; in it a server that is killed leaves its door to the next one.
  const left = readdirSync(traces, { recursive: true, encoding: 'utf8' })
  expect(left.filter((path) => !/^srs-\d+(\/|$)/.test(path))).toEqual([])
  // A port may be another test's by now, for a while.
  await waitFor('nothing listens', async () => !(await Promise.all(ports.map(accepts))).includes(true))
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

/** Waits until all six tiles of the wall play, each in its size, and go on. */
async function requireMovingPictures(page: Page, servers: readonly string[]): Promise<void> {
  for (const host of servers) {
    for (const [path, width, height] of STREAMS) {
      const tile = page.getByRole('region', { name: `Streams of ${host}` }).locator(`[data-path="/${path}"]`)
      await tile.and(page.locator('[data-state=playing]')).waitFor()
      const video = tile.locator('video')
      const read = (): Promise<[number, number, number]> =>
        video.evaluate((element) => {
          const { videoWidth, videoHeight, currentTime } = element as unknown as Record<string, number>
          return [videoWidth ?? 0, videoHeight ?? 0, currentTime ?? 0]
        })
      const [shownWidth, shownHeight, start] = await waitFor('a picture', async () => {
        const now = await read()
        return now[0] > 0 && now
      })
      expect({ path, shownWidth, shownHeight }).toEqual({ path, shownWidth: width, shownHeight: height })
      await waitFor(`${host}/${path} moves`, async () => (await read())[2] > start)
      const told = new RegExp(`${width} × ${height}\\s+H\\.264`)
      await waitFor(`${host}/${path} is described`, async () => told.test(await tile.innerText()))
    }
  }
}

describe.concurrent('npm run demo:full', () => {
  it('publishes a clip, makes two more, forwards all, plays them on one page and by HLS, and leaves nothing', async () => {
    const { demo, traces } = startDemo()
    const [, wall = '', first = '', second = ''] = await demo.waitForOutput(
      /All is there, on one page:\n\n +((http:\S+)\/#\/wall\?server=(\S+))\n[\s\S]*Ctrl-C ends/,
    )
    const [, media] = /(http:\S+)\/live\/livestream\.flv/.exec(demo.stdout) ?? []
    for (const [path, width, height] of STREAMS) {
      for (const words of ['is published at', 'is forwarded to']) {
        expect(demo.stdout).toMatch(new RegExp(`${path} +${words} \\S+, ${width} × ${height}, H264\n`))
      }
      expect(demo.stdout).toMatch(new RegExp(`${path} +plays by HLS\n`))
    }
    const hls = STREAMS.map(async ([path, width, height]) => {
      const show = ['-select_streams', 'v:0', '-show_entries', 'stream=width,height', '-of', 'csv=p=0']
      const probe = ['ffprobe', '-v', 'error', ...show, `${media}/${path}.m3u8`]
      expect(await runProgram(scope, probe)).toMatchObject({
        code: 0,
        // Once for the programme, and once for itself.
        stdout: expect.stringMatching(new RegExp(`^${width},${height}\n`)),
      })
    })
    const browser = await startBrowser(scope)
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } })
    await page.goto(wall)
    await requireMovingPictures(
      page,
      [first, second].map((url) => new URL(url).host),
    )
    await Promise.all(hls)
    const { programs } = JSON.parse((await ask(`${first}/api/v1/programs/`)).body ?? '')
    for (const [kind, name] of [
      ['ingest', 'livestream'],
      ['transcode', 'ld'],
      ['transcode', 'sd'],
    ]) {
      const well = { kind, name, stream: 'live/livestream', state: 'running', starts: 1, failures: 0 }
      expect(programs).toContainEqual(expect.objectContaining(well))
    }
    await browser.close()
    await requireNoTrace(demo, traces, () => demo.pressControlC(), 0)
    expect(demo.stderr).toBe('')
  })

  it('says that FFmpeg is missing, goes on with what needs none, and ends as a whole when a server fails', async () => {
    const { demo, traces } = startDemo({ PATH: folder.path })
    await demo.waitForOutput(/as is said above. All else is there, on one page:[\s\S]*Ctrl-C ends/)
    expect(demo.stdout).toMatch(/transcode ld of live\/livestream is unavailable: .*FFmpeg/i)
    expect(demo.stdout).toMatch(/live\/livestream +is forwarded to \S+, 640 × 360, H264\n/)
    const [, second] = /server=(\S+)/.exec(demo.stdout) ?? []
    const { pid } = JSON.parse((await ask(`${second}/api/v1/versions`)).body ?? '')
    await requireNoTrace(demo, traces, () => process.kill(Number(pid), 'SIGKILL'), 1)
    expect(demo.stderr).toContain('a server of the demo has ended')
  })

  it('is a script that builds the page, and runs what is tested here', () => {
    const { scripts } = JSON.parse(readPage('package.json'))
    expect(scripts['predemo:full']).toBe(scripts.prestart)
    expect(scripts['demo:full']).toBe('exec node scripts/demo-full.ts')
    expect(readBlocks(PAGE, 'sh')[0]?.text).toBe('npm ci && npm run demo:full\n')
  })

  it('can be done by hand', async () => {
    const [, block] = readBlocks(PAGE, 'sh')
    const command =
      block?.text.trim().replaceAll('srs -c', `"${execPath}" "${built('cli/main.js')}" -c`) ?? ''
    const ports = new Map<string, number>()
    for (const port of ['1935', '8080', '1985', '19350', '8081', '1986']) {
      ports.set(port, await freePort())
    }
    const files = ['conf/demo.conf', 'conf/demo-forward.conf'].map((path) => [
      path,
      readFileSync(join(REPOSITORY, path), 'utf8')
        .replace(/\blisten (?:127\.0\.0\.1:)?(\d+);/g, (_, port) => `listen 127.0.0.1:${ports.get(port)};`)
        .replace('127.0.0.1:19350', `127.0.0.1:${ports.get('19350')}`),
    ])
    const cwd = folder.write({ ...Object.fromEntries(files), assets: `->${join(REPOSITORY, 'assets')}` })
    // Without FFmpeg, of which the first test has enough.
    const program = startProgram(scope, ['/bin/sh', '-c', command], { cwd, env: { PATH: folder.path } })
    const forwarded = `http://127.0.0.1:${ports.get('8081')}/live/livestream.flv`
    await waitFor(
      () => `${forwarded} plays: ${program.output}`,
      async () => (await ask(forwarded).catch(() => null))?.status === 200,
    )
    expect(program.output).not.toContain('no effect')
    program.pressControlC()
    await program.exited
    expect(program.stdout.match(/^Closing: /gm)).toHaveLength(2)
  })
})

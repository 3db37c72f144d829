import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath, kill } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccessOptions, EngineSettings, ServerSettings, StreamRequest } from '../../src/index.ts'
import { startTool } from '../support/ffmpeg.ts'
import { built, startProgram } from '../support/program.ts'
import { FileScope, PATIENCE, startServer, type TestServer } from '../support/server.ts'
import { mediaFolder } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'
import { CLIP, publishClip } from '../support/web.ts'

const OUTPUT = 'rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine]'

/** Whoever returns may be late. */
const PATIENT = { rtmp: { port: 0, ...PATIENCE.rtmp }, streams: { lingerMs: 600_000 } } as const

/** An engine that costs little, and begins soon. */
function copy(name: string, options: Partial<EngineSettings> = {}): EngineSettings {
  const inputOptions = [['analyzeduration', '500000']] as const
  return { name, inputOptions, videoCodec: 'copy', audioCodec: 'copy', output: OUTPUT, ...options }
}

function isAlive(pid: number): boolean {
  try {
    return kill(pid, 0)
  } catch {
    return false
  }
}

function pidsOf({ server }: TestServer): number[] {
  return server.programs.flatMap(({ pid }) => (pid === null ? [] : [pid]))
}

/** So many frames have come of a stream. */
function framesOf({ server }: TestServer, path: string): number {
  return server.stream(path)?.counters.frames ?? 0
}

async function goesOn(running: TestServer, path: string): Promise<void> {
  const before = framesOf(running, path)
  await waitFor(
    () => `${path} goes on: ${JSON.stringify(running.server.programs)}`,
    () => framesOf(running, path) > before + 5,
  )
}

describe.concurrent('engines of a stream whose publisher comes and goes', () => {
  it('follow it ten times without piling up, and end with the server', async () => {
    const scope = new FileScope()
    const engines = [copy('one'), copy('two', { videoCodec: 'vn' })]
    const running = await startServer(scope, {
      ...PATIENT,
      vhosts: { __defaultVhost__: { transcode: [{ engines }] } },
    })
    const use = (options: ServerSettings): Promise<unknown> =>
      running.server.reload({ ...running.server.settings, ...options })
    const seen = new Set<number>()
    for (let round = 0; round < 10; round++) {
      const stop = await publishClip(running.server, 'live/a')
      await goesOn(running, 'live/a_one')
      await goesOn(running, 'live/a_two')
      for (const pid of pidsOf(running)) {
        seen.add(pid)
      }
      expect([...seen].filter(isAlive)).toHaveLength(2)
      if (round === 7) {
        // The others return before the engines are wanted no more.
        await use({ streams: { lingerMs: 500 } })
      }
      await stop()
      if (round === 7) {
        await waitFor('the engines are gone', () => [...seen].filter(isAlive).length === 0)
        await waitFor('nothing is listed', () => running.server.programs.length === 0)
        await use(PATIENT)
      } else if (round === 2) {
        // For longer than is allowed to others.
        await use({ ...PATIENT, rtmp: { port: 0, mediaTimeoutMs: 300 } })
        const isSilent = (path: string): boolean =>
          (running.server.stream(path)?.publication?.silentMs ?? 0) > 900
        await waitFor('what they make is silent', () => isSilent('live/a_one') && isSilent('live/a_two'))
        await use(PATIENT)
      }
    }
    expect(seen.size).toBe(4)
    const stop = await publishClip(running.server, 'live/a')
    await goesOn(running, 'live/a_one')
    for (const pid of pidsOf(running)) {
      seen.add(pid)
    }
    await running.server.close()
    await stop()
    expect([...seen].filter(isAlive)).toEqual([])
    await scope.clean()
  })

  it('end with a server that is killed', async () => {
    const scope = new FileScope()
    const folder = await mediaFolder(scope)
    const conf = join(folder, 'srs.conf')
    const engine = (name: string): string =>
      `engine ${name} { enabled on; vcodec copy; acodec copy; output ${OUTPUT}; }`
    await writeFile(
      conf,
      `listen 127.0.0.1:0; daemon off; srs_log_tank console;
       vhost __defaultVhost__ { transcode { enabled on; ${engine('one')} ${engine('two')} } }`,
    )
    const srs = startProgram(scope, [execPath, built('cli/main.js'), '-c', conf])
    const [url] = await srs.waitForOutput(/rtmp:\/\/(localhost|127\.0\.0\.1):\d+/)
    const input = ['-v', 'error', '-re', '-stream_loop', '-1', '-i', CLIP]
    startTool(scope, 'ffmpeg', [...input, '-c', 'copy', '-f', 'flv', `${url}/live/a`])
    const pids = await waitFor('the engines run', () => {
      const found = [
        ...srs.output.matchAll(/pid\W+(\d+)[^\n]*program started|program started[^\n]*?pid\W+(\d+)/g),
      ]
      return found.length >= 2 && found.map(([, one, two]) => Number(one ?? two))
    })
    expect(pids.map(isAlive)).toEqual([true, true])
    srs.kill('SIGKILL')
    await srs.exited
    await waitFor('the engines are gone', () => !pids.some(isAlive))
    await scope.clean()
  })
})

describe('engines of virtual hosts that let in whom they know', () => {
  const scope = new FileScope()
  const asked: StreamRequest[] = []
  let running: TestServer

  beforeAll(async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwksFile = join(await mediaFolder(scope), 'keys.json')
    const key = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256' }
    await writeFile(jwksFile, JSON.stringify({ keys: [key] }))
    const rules: Readonly<Record<string, AccessOptions>> = {
      'open.example': {},
      'token.example': { token: { keys: [{ id: 'k', secret: 'the secret of this key' }] } },
      'jwt.example': { jwt: { jwksFile } },
      'refer.example': { refer: { all: ['page.example'] } },
      'security.example': {
        security: { rules: [{ effect: 'allow', action: 'publish', address: '192.0.2.1' }] },
      },
    }
    const vhosts = Object.entries(rules).map(([name, access]) => [
      name,
      { access, transcode: [{ engines: [copy('copy')] }] },
    ])
    running = await startServer(scope, {
      vhosts: Object.fromEntries(vhosts),
      onPublish: (request) => void asked.push(request),
      onPlay: (request) => void asked.push(request),
    })
    await Promise.all(Object.keys(rules).map((name) => publishClip(running.server, `//${name}/live/a`)))
  })
  afterAll(() => scope.clean())

  it.each(['open', 'token', 'jwt', 'refer', 'security'])('are let in where rules are: %s', async (name) => {
    const path = `//${name}.example/live/a_copy`
    await goesOn(running, path)
    expect(running.server.stream(path)?.publication?.client.protocol).toBe('rtmp')
    const own = asked.filter(
      ({ name: { vhost }, client }) => vhost === `${name}.example` && client.protocol === 'rtmp',
    )
    // What the program is asked about is what SRS's hooks are told: nothing of the pass.
    expect(own.map(({ param, tcUrl }) => [param, tcUrl.includes('srs_pass')])).toEqual([
      [`?vhost=${name}.example`, false],
      [`?vhost=${name}.example`, false],
    ])
  })

  it('show nobody the pass', () => {
    const shown = JSON.stringify([running.server.programs, running.log.lines.map(({ fields }) => fields)])
    expect(shown).toContain('live?vhost=token.example/a_copy')
    expect(shown).not.toMatch(/srs_pass=(?!\*)/)
  })

  it('go on over a reload that does not change them', async () => {
    const pidsByVhost = (): Map<string, number | null> =>
      new Map(running.server.programs.map(({ vhost, pid }) => [vhost, pid]))
    const before = pidsByVhost()
    const { settings } = running.server
    const changed = {
      ...settings.vhosts?.['open.example'],
      transcode: [{ engines: [copy('copy', { audioCodec: 'an' })] }],
    }
    const plan = await running.server.reload({
      ...settings,
      vhosts: { ...settings.vhosts, 'open.example': changed },
    })
    const actions = plan.steps.flatMap(({ component, action }) =>
      component.startsWith('transcode ') ? [action] : [],
    )
    expect(actions.sort()).toEqual(['keep', 'keep', 'keep', 'keep', 'restart'])
    await waitFor('another process', () => {
      const pid = pidsByVhost().get('open.example') ?? null
      return pid !== null && pid !== before.get('open.example')
    })
    await goesOn(running, '//open.example/live/a_copy')
    before.delete('open.example')
    for (const [vhost, pid] of before) {
      expect([vhost, pidsByVhost().get(vhost)]).toEqual([vhost, pid])
    }
  })

  it('whose addresses are SRS’s where nothing is demanded', () => {
    const [open] = running.server.programs.filter(({ vhost }) => vhost === 'open.example')
    expect(open?.output).toBe(
      `rtmp://127.0.0.1:${running.server.rtmpAddress?.port}/live?vhost=open.example/a_copy`,
    )
  })
})

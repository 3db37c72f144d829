import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { afterAll, describe, expect, it } from 'vitest'
import { readPage } from '../support/docs.ts'
import { built, REPOSITORY, runProgram, startProgram } from '../support/program.ts'
import { FileScope } from '../support/server.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'

const CONF = join(REPOSITORY, 'conf')

/** What a later release brings; the log says so once. */
const LATER: Readonly<Record<string, string>> = {}

const folder = new TemporaryFolder()
afterAll(() => folder.remove())

describe.concurrent('the files of conf/', () => {
  const samples = readdirSync(CONF)
  /** They have the commands that start the others, which clusters.test.ts and demo.test.ts run. */
  const started = readPage('docs/clusters.md') + readPage('docs/demo.md')

  it('are a small set', () => {
    expect(samples.sort()).toEqual([
      'broadcast.conf',
      'demo-forward.conf',
      'demo.conf',
      'edge-of-edge.conf',
      'edge-of-two.conf',
      'edge.conf',
      'exec.conf',
      'forward-master.conf',
      'forward-slave.conf',
      'forward.conf',
      'full.conf',
      'hls.conf',
      'ingest.conf',
      'low-latency.conf',
      'minimal.conf',
      'origin.conf',
      'secure.conf',
      'standby.conf',
      'transcode.conf',
    ])
  })

  it('with every directive, full.conf, can be used, says srs -t', async () => {
    const scope = new FileScope()
    const command = [execPath, built('cli/main.js'), '-t', '-c', 'conf/full.conf']
    expect(await runProgram(scope, command)).toMatchObject({
      code: 0,
      stdout: 'srs: conf/full.conf can be used\n',
      stderr: '',
    })
    await scope.clean()
  })

  it.each(samples.filter((name) => name !== 'full.conf' && !started.includes(`conf/${name}`)))(
    '%s starts a server',
    async (name) => {
      const scope = new FileScope()
      const text = readFileSync(join(CONF, name), 'utf8').replace(
        /listen (1935|8080);/g,
        'listen 127.0.0.1:0;',
      )
      const cwd = folder.write({ [name]: text, 'token.keys': 'k1 0123456789abcdef0123456789abcdef\n' })
      const program = startProgram(scope, [execPath, built('cli/main.js'), '-c', name], { cwd })
      await program.waitForOutput(/Ctrl-C ends the server/)
      const later = [...program.stderr.matchAll(/([\w.]+) has no effect yet/g)].map(
        ([, directive]) => directive,
      )
      expect(later).toEqual(LATER[name] === undefined ? [] : [LATER[name]])
      program.kill('SIGTERM')
      expect(await program.exited).toEqual({ code: 0, signal: null })
      await scope.clean()
    },
  )
})

import { mkdtempSync, rmSync } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath, kill } from 'node:process'
import { expect, it } from 'vitest'
import { built, runProgram, startProgram } from '../support/program.ts'
import { waitFor } from '../support/wait.ts'

const SRS = [execPath, built('cli/main.js')]

it('srs reload tells what it would do, does it, and leaves a server alone whose file has a fault, as SIGHUP does', async (scope) => {
  const folder = mkdtempSync(join(tmpdir(), 's-'))
  scope.onTestFinished(() => rmSync(folder, { recursive: true }))
  const [file, pid] = [join(folder, 'srs.conf'), join(folder, 'pid')]
  const write = (more: string): Promise<void> =>
    writeFile(
      file,
      `listen 127.0.0.1:0;\ndaemon off;\nauto_reload_for_docker off;\nsrs_log_tank console;\npid ${pid};\n${more}\n`,
    )
  await write('vhost __defaultVhost__ { }')
  const server = startProgram(scope, [...SRS, '-c', file])
  await server.waitForOutput(/Ctrl-C ends the server/)
  expect((await stat(`${pid}.sock`)).mode & 0o777).toBe(0o600)
  const reload = (...args: readonly string[]) =>
    runProgram(scope, [...SRS, 'reload', '--pid-file', pid, ...args])

  await write('vhost __defaultVhost__ { }\nvhost live.example.com { }')
  const added = /add {6}virtual host live\.example\.com\n.*Nobody is disconnected\.\n/s
  const planned = await reload('--dry-run')
  expect(planned).toMatchObject({ code: 0, stderr: '' })
  expect(planned.stdout).toMatch(added)
  expect((await reload()).stdout).toMatch(added)
  expect((await reload()).stdout).toBe('Nothing changes.\n')

  const [auth, hooks] = ['password swordfish;', 'on_publish http://hook:swordfish@127.0.0.1/;']
  await write(`vhost __defaultVhost__ { gop_cash on; http_hooks { ${hooks} } } http_api { auth { ${auth} } }`)
  const refused = await reload()
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('gop_cash')
  expect(refused.stderr).toContain('nothing has changed')
  expect(refused.stderr).not.toContain('swordfish')
  kill(server.pid, 'SIGHUP')
  await waitFor('the log', () => server.output.match(/configuration not reloaded/g)?.length === 2)
  expect(server.output).not.toContain('swordfish')

  server.pressControlC()
  expect(await server.exited).toMatchObject({ code: 0 })
  expect(await reload()).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no such file') })
})

import { afterAll, describe, expect, it } from 'vitest'
import { FileScope } from '../support/server.ts'
import { configured, FOREGROUND, httpUrl, isRefused, play, startSrs } from '../support/srs-service.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'

const folder = new TemporaryFolder()
afterAll(() => folder.remove())

describe.concurrent('SIGQUIT', () => {
  it('frees the ports and lets who plays go on until that one leaves', async () => {
    const scope = new FileScope()
    const cwd = configured(folder, FOREGROUND)
    const program = startSrs(scope, { cwd }, '--demo', '--log-format', 'json')
    await program.waitForOutput(/Ctrl-C ends the server/)
    const url = httpUrl(program.stdout)
    const { leave } = await play(scope, url)
    await program.waitForOutput(/play started/)
    program.kill('SIGQUIT')
    await program.waitForOutput(/"clients":1,.*"msg":"listening ended, clients may finish"/)
    expect(await isRefused(`${url}/`)).toBe(true)
    expect(program.stderr).not.toContain('play stopped')
    await leave()
    expect(await program.exited).toEqual({ code: 0, signal: null })
    await scope.clean()
  })

  it('cuts off who still plays at the deadline', async () => {
    const scope = new FileScope()
    const cwd = configured(folder, `${FOREGROUND} grace_deadline 300ms;`)
    const program = startSrs(scope, { cwd }, '--demo', '--log-format', 'json')
    await program.waitForOutput(/Ctrl-C ends the server/)
    const { over } = await play(scope, httpUrl(program.stdout))
    program.kill('SIGQUIT')
    await over
    expect(await program.exited).toEqual({ code: 0, signal: null })
    expect(program.stderr).toMatch(
      /"clients":1,"msg":"quitting: clients have finished, or the deadline has come"/,
    )
    await scope.clean()
  })

  it('is cut short by SIGINT; with force_grace_quit, SIGTERM does the same as SIGQUIT', async () => {
    const scope = new FileScope()
    const cwd = configured(folder, `${FOREGROUND} force_grace_quit on;`)
    const program = startSrs(scope, { cwd }, '--demo', '--log-format', 'json')
    await program.waitForOutput(/Ctrl-C ends the server/)
    const { over } = await play(scope, httpUrl(program.stdout))
    await program.waitForOutput(/play started/)
    program.kill('SIGTERM')
    await program.waitForOutput(/listening ended, clients may finish/)
    program.kill('SIGINT')
    await over
    expect(await program.exited).toEqual({ code: 0, signal: null })
    await scope.clean()
  })
})

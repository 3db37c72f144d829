import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { FileScope } from '../support/server.ts'
import { configured, FOREGROUND, LISTEN, startSrs } from '../support/srs-service.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'

const folder = new TemporaryFolder()
afterAll(() => folder.remove())

describe.concurrent('inotify_auto_reload', () => {
  it('reloads when the file changes, and leaves the server alone when the file has a fault', async () => {
    const scope = new FileScope()
    const settings = `${FOREGROUND} inotify_auto_reload on;`
    const cwd = configured(folder, settings)
    const program = startSrs(scope, { cwd }, '--log-format', 'json')
    await program.waitForOutput(/Ctrl-C ends the server/)
    const write = (text: string): void => {
      writeFileSync(join(cwd, 'new.conf'), `${LISTEN}\n${settings}\n${text}\n`)
      renameSync(join(cwd, 'new.conf'), join(cwd, 'srs.conf'))
    }
    write('vhost one.example.com { }')
    await program.waitForOutput(/one\.example\.com.*"msg":"configuration reloaded"/)
    write('vhost two.example.com { gop_cash on; }')
    await program.waitForOutput(/gop_cash.*"msg":"configuration not reloaded: that in force stays"/)
    write('vhost two.example.com { }')
    await program.waitForOutput(/two\.example\.com.*"msg":"configuration reloaded"/)
    program.kill('SIGTERM')
    expect(await program.exited).toEqual({ code: 0, signal: null })
    await scope.clean()
  })

  it('leaves to the next server what is written when this one quits gracefully', async () => {
    const scope = new FileScope()
    const cwd = configured(
      folder,
      'daemon off; grace_start_wait 0; grace_final_wait 1000; inotify_auto_reload on;',
    )
    const program = startSrs(scope, { cwd }, '--log-format', 'json')
    await program.waitForOutput(/Ctrl-C ends the server/)
    program.kill('SIGQUIT')
    await program.waitForOutput(/listening ended, clients may finish/)
    writeFileSync(join(cwd, 'srs.conf'), `${LISTEN} ${FOREGROUND} vhost one.example.com { }`)
    expect(await program.exited).toEqual({ code: 0, signal: null })
    expect(program.stderr).not.toContain('it is read again')
    await scope.clean()
  })
})

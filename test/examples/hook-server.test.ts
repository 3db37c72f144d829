import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { playRtmp } from '../support/players.ts'
import { type Program, startProgram } from '../support/program.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { mediaFolder } from '../support/sources.ts'
import { ask } from '../support/web.ts'

const scope = new FileScope()
let hooks: Program
let url: string
let given: TestServer
beforeAll(async () => {
  const secretFile = join(await mediaFolder(scope), 'hooks.secret')
  await writeFile(
    secretFile,
    '# the former, then the new one\nwhsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\na text that nobody can guess\n',
  )
  await chmod(secretFile, 0o600)
  hooks = startProgram(scope, [execPath, 'examples/hook-server/hook-server.ts'], {
    env: { PORT: '0', PUBLISH_TOKEN: 'sesame', HOOK_SECRET_FILE: secretFile },
  })
  url = (await hooks.waitForOutput(/^Hooks: (http:\S+)$/m))[1] ?? ''
  const all = [`${url}hooks`]
  given = await startServer(scope, {
    hooks: { onConnect: all, onPublish: all, onPlay: all, onStop: all, onUnpublish: all, onClose: all },
    hookDelivery: { secretFile },
  })
})
afterAll(() => scope.clean())

async function publish(path: string): Promise<RtmpClient> {
  const client = await RtmpClient.connect(given.rtmpUrl)
  scope.onTestFinished(() => client.destroy())
  await client.publish(path)
  return client
}

describe('the example of a hook server', () => {
  it('refuses publishers without the token, lets in those with it and all players, and prints each event', async () => {
    await expect(publish('live/demo?token=guess')).rejects.toThrow(
      'publish refused: hook on_publish: it answered code 403: {"code":403,"msg":"the token is missing or wrong"}',
    )
    const publisher = await publish('live/demo?token=sesame')
    const player = await playRtmp(scope, `${given.rtmpUrl}/live/demo`)
    player.leave()
    await hooks.waitForOutput(/^on_stop live\/demo by c\d+ \(127\.0\.0\.1\)$/m)
    await publisher.destroy()
    await hooks.waitForOutput(/^on_unpublish live\/demo by c\d+ \(127\.0\.0\.1\)$/m)
    await hooks.waitForOutput(/(?:^on_close live\/ by c\d+ \(127\.0\.0\.1\)\n[\s\S]*){3}/m)
    expect(hooks.stdout).toMatch(
      /^on_publish live\/demo by c\d+ \(127\.0\.0\.1\): the token is missing or wrong$/m,
    )
    expect(hooks.stdout).not.toContain('again')
    expect(hooks.stderr).toBe('')
  })

  it('goes on whatever it is sent, and prints nothing that controls a terminal', async () => {
    // One without a secret, which takes all that comes.
    const open = startProgram(scope, [execPath, 'examples/hook-server/hook-server.ts'], {
      env: { PORT: '0' },
    })
    const [, openUrl = ''] = await open.waitForOutput(/^Hooks: (http:\S+)$/m)
    const send = async (body: string): Promise<number> =>
      (await ask(openUrl, { method: 'POST', body })).status
    expect(await send('')).toBe(400)
    expect(await send('no JSON')).toBe(400)
    expect(await send('null')).toBe(400)
    expect(await send('x'.repeat(100_000))).toBe(400)
    expect(await send('{"action":"on_play","app":"live\\u001b[2J","stream":"a\\non_play b"}')).toBe(200)
    await open.waitForOutput(/^on_play live\?\[2J\/a\?on_play b by /m)
  })

  it('takes no call that is not signed', async () => {
    const call = { method: 'POST', body: '{"action":"on_publish"}' }
    expect((await ask(url, call)).status).toBe(401)
    const headers = { 'webhook-id': '1', 'webhook-timestamp': String(Math.floor(Date.now() / 1000)) }
    expect(
      (await ask(url, { ...call, headers: { ...headers, 'webhook-signature': 'v1,AAAA' } })).status,
    ).toBe(401)
  })
})

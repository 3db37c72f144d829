import { afterEach, beforeEach, expect, it } from 'vitest'
import { RtmpSessions } from '../../test/support/rtmp-sessions.ts'
import { CapsEx } from './index.ts'

let sessions: RtmpSessions

beforeEach(async () => {
  sessions = await RtmpSessions.listen()
})

afterEach(() => sessions.close())

it('A session asks its client to reconnect if that announced it follows such requests, and serves it on', async () => {
  const follows = await sessions.client({ connectObject: { capsEx: CapsEx.reconnect } })
  await follows.publish('live/demo')
  const others = await sessions.client({ connectObject: { capsEx: CapsEx.multitrack } })
  await others.publish('live/other')
  const silent = await sessions.client()
  const asked = sessions.sessions.map((session) =>
    session.requestReconnect('rtmp://b.example/live', 'moving'),
  )
  expect(asked).toEqual([true, false, false])
  await follows.waitForStatus('NetConnection.Connect.ReconnectRequest')
  expect(follows.statuses.at(-1)).toMatchObject({ level: 'status', description: 'moving', streamId: 0 })
  expect(follows.commands.at(-1)).toMatchObject({
    transactionId: 0,
    object: null,
    args: [{ tcUrl: 'rtmp://b.example/live' }],
  })
  sessions.sessions[0]?.requestReconnect(undefined, 'again')
  await follows.waitForCommand(
    ({ name, args }) => name === 'onStatus' && JSON.stringify(args).includes('again'),
  )
  expect(follows.commands.at(-1)?.args[0]).not.toHaveProperty('tcUrl')
  expect(follows.open).toBe(true)
  await follows.destroy()
  await expect.poll(() => sessions.closedSessions, { interval: 1 }).toBe(1)
  expect(sessions.sessions[0]?.requestReconnect(undefined, 'gone')).toBe(false)
  expect(silent.open).toBe(true)
})

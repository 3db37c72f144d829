import { describe, expect, it, onTestFinished } from 'vitest'
import { answerAll, type Script, ScriptedRtmpServer } from '../../../test/support/scripted-rtmp-server.ts'
import { RejectedError } from '../../base/index.ts'
import { parseRtmpTarget, RtmpPlayer, RtmpPublisher, RtmpRefusedError } from '../index.ts'
import { followRedirects } from './redirects.ts'

const scope = { onTestFinished }

/** A server that sends whoever asks for `command` on, as SRS does, until it is told not to. */
function sendingOn(command: string, ex: () => Readonly<Record<string, string>>): Script {
  return {
    onCommand: (asked, peer) => {
      if (asked.name === command) {
        peer.status('NetConnection.Connect.Rejected', 'error', { ex: { code: 302, ...ex() } }, 0)
      } else {
        answerAll(asked, peer)
      }
    },
  }
}

describe('a client that is sent on', () => {
  it.each(['connect', 'play'])('at %s, plays there: what `redirect2` names', async (command) => {
    const there = await ScriptedRtmpServer.listen(scope)
    const url = `${there.url}?token=1`
    const here = await ScriptedRtmpServer.listen(
      scope,
      sendingOn(command, () => ({ redirect: there.url.replace('/demo', ''), redirect2: url })),
    )
    const player = await RtmpPlayer.play(here.url)
    const play = there.peer.commands.find(({ name }) => name === 'play')
    expect(play?.args[0]).toBe('demo?token=1')
    await player.close()
  })

  it('publishes there, under the same name where only the application is told', async () => {
    const there = await ScriptedRtmpServer.listen(scope)
    const here = await ScriptedRtmpServer.listen(
      scope,
      sendingOn('publish', () => ({ redirect: there.url.replace('/live/demo', '/other') })),
    )
    const publisher = await RtmpPublisher.publish(here.url)
    expect(there.peer.commands[0]?.object).toMatchObject({ app: 'other' })
    expect(there.peer.commands.find(({ name }) => name === 'publish')?.args[0]).toBe('demo')
    await publisher.close()
  })

  it('follows nobody if it is not to, and learns where to', async () => {
    const here = await ScriptedRtmpServer.listen(
      scope,
      sendingOn('play', () => ({ redirect: 'rtmp://there.example/live' })),
    )
    await expect(RtmpPlayer.play(here.url, { maxRedirects: 0 })).rejects.toMatchObject({
      refusal: { redirect: { tcUrl: 'rtmp://there.example/live', url: null } },
    })
  })

  it('does not go in a circle', async () => {
    const urls: string[] = []
    const script = (index: number): Script =>
      sendingOn('play', () => ({ redirect: 'x', redirect2: urls[index] ?? '' }))
    urls.push((await ScriptedRtmpServer.listen(scope, script(1))).url)
    urls.push((await ScriptedRtmpServer.listen(scope, script(0))).url)
    await expect(RtmpPlayer.play(urls[0] ?? '')).rejects.toThrow('in a circle')
  })
})

describe('followRedirects', () => {
  function refusalTo(url: string | null, tcUrl = ''): RtmpRefusedError {
    const redirect = { tcUrl, url }
    return new RtmpRefusedError({ command: 'play', status: '', description: '', redirect, information: null })
  }

  it('ends after maxRedirects servers', async () => {
    let asked = 0
    const following = followRedirects(parseRtmpTarget('rtmp://a/live/x'), async () => {
      asked++
      throw refusalTo(`rtmp://a${asked}/live/x`)
    })
    await expect(following).rejects.toThrow(
      new RejectedError('the client was sent on more than 3 times (maxRedirects)'),
    )
    expect(asked).toBe(4)
  })

  it.each([
    ['rtmps://a/live/x', 'rtmp://b/live/x'],
    ['rtmp://a/live/x', 'http://b/live/x'],
    ['rtmp://a/live/x', 'nonsense'],
  ])('does not go from %s to %s', async (from, to) => {
    const refusal = refusalTo(to)
    const following = followRedirects(parseRtmpTarget(from), () => Promise.reject(refusal))
    await expect(following).rejects.toBe(refusal)
  })

  it('throws what is no redirect as it is', async () => {
    const error = new Error('lost')
    await expect(
      followRedirects(parseRtmpTarget('rtmp://a/live/x'), () => Promise.reject(error)),
    ).rejects.toBe(error)
  })
})

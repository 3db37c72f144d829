import { RtmpPlayer } from '../../src/index.ts'
import type { Scope, TestServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'

/** What players of an edge got. */
export type WatchReport = Readonly<{
  /** Players that got a picture. */
  pulled: number
}>

/**
 * Has players watch one stream of an edge, and leave when each has got a picture.
 * @param send has the origin send some
 * @throws Error if one of them is refused or disconnected
 */
export async function watchEdge(
  scope: Scope,
  { server, rtmpUrl }: TestServer,
  path: string,
  players: number,
  send: () => Promise<void>,
): Promise<WatchReport> {
  const all: RtmpPlayer[] = []
  scope.onTestFinished(async () => {
    await Promise.all(all.map((player) => player.close()))
  })
  // Some at a time: who asks for all at once is limited by the address.
  for (let begun = 0; begun < players; begun += 50) {
    const count = Math.min(50, players - begun)
    const more = Array.from({ length: count }, () => RtmpPlayer.play(`${rtmpUrl}/${path}`))
    all.push(...(await Promise.all(more)))
  }
  await waitFor('all are counted', () => server.stream(path)?.viewers.size === players)
  await send()
  const pictures = await Promise.all(all.map((player) => hasPicture(player)))
  return { pulled: pictures.filter((has) => has).length }
}

async function hasPicture(player: RtmpPlayer): Promise<boolean> {
  for await (const { kind } of player) {
    if (kind === 'video') {
      return true
    }
  }
  return false
}

// A program decides who may publish and play. The client waits for the answer and sees no start before it.
//
//   npm run build && node examples/ask-for-a-token.ts
//
import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, createServer, type StreamRequest } from 'simple-rtmp-server'

/** Stands for your database or your login: takes its time, and may fail (which refuses). */
async function mayEnter({ client, parameters }: StreamRequest): Promise<Answer> {
  await delay(100)
  return client.protocol === 'file' || parameters.get('token') === 'secret' || 'the token is missing or wrong'
}

const server = await createServer({
  rtmp: { port: 0 }, // 0 takes a free port; RTMP's own is 1935.
  http: { port: 0 },
  onPublish: mayEnter,
  onPlay: mayEnter,
})
console.log(`A publisher would say ${server.rtmpUrl}/live/demo?token=secret`)

await server.publishFile('live/demo', { path: `${import.meta.dirname}/../assets/demo.flv` })
for (const query of ['', '?token=guess', '?token=secret']) {
  const response = await fetch(`${server.httpUrl}/live/demo.flv${query}`)
  const outcome = response.ok ? 'it plays' : await response.text()
  console.log(`/live/demo.flv${query}: ${response.status}, ${outcome.trim()}`)
}
await server.close() // Ends the player that was let in, too.

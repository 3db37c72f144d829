import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Players of HTTP-FLV that ask for a stream, read its beginning and then never read again. */
export class StuckPlayers {
  readonly #sockets: Socket[] = []

  /** Connects them all; resolves when each has got something and stopped reading. */
  async join(url: string, count: number): Promise<void> {
    const { hostname, port, pathname } = new URL(url)
    for (let index = 0; index < count; index++) {
      const socket = connect(Number(port), hostname)
      socket.on('error', () => {})
      this.#sockets.push(socket)
      await once(socket, 'connect')
      socket.write(`GET ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\n\r\n`)
      await once(socket, 'data')
      socket.pause()
    }
  }

  /** They leave. */
  leave(): void {
    for (const socket of this.#sockets) {
      socket.destroy()
    }
  }
}

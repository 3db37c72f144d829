import { connect, type Socket } from 'node:net'
import type { Scope } from './server.ts'
import { waitFor } from './wait.ts'

/** A TCP client that says whatever bytes it is told to. */
export class RawClient {
  readonly #socket: Socket
  readonly #received: Buffer[] = []
  #localPort = 0
  #closed = false

  private constructor(url: string) {
    const { hostname, port } = new URL(url)
    this.#socket = connect({ host: hostname, port: Number(port) })
    this.#socket.on('connect', () => {
      this.#localPort = this.#socket.localPort ?? 0
    })
    this.#socket.on('data', (bytes) => this.#received.push(bytes))
    // A reset is one of the ways in which a server closes.
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.#closed = true
    })
  }

  /** Connects to a URL's host and port; closed after the test. */
  static async connect(scope: Scope, url: string): Promise<RawClient> {
    const client = new RawClient(url)
    scope.onTestFinished(() => {
      client.#socket.destroy()
    })
    await waitFor(`a connection to ${url}`, () => client.#localPort > 0)
    return client
  }

  /** This end's port, by which the log can be searched. */
  get localPort(): number {
    return this.#localPort
  }

  /** All that came so far. */
  get received(): Buffer {
    return Buffer.concat(this.#received)
  }

  /** All that came so far, a character a byte. */
  get text(): string {
    return this.received.toString('latin1')
  }

  /** Sends bytes; what a closed connection does not take is lost. */
  write(bytes: Uint8Array | string): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** Waits until the server has closed the connection. */
  async closedByServer(): Promise<void> {
    await waitFor('the server closing the connection', () => this.#closed)
  }

  /** Waits until what came matches. */
  async receives(pattern: RegExp): Promise<void> {
    await waitFor(`${pattern} from the server`, () => pattern.test(this.text))
  }
}

import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Amf0Object } from '../media/index.ts'
import { CheckConnection, type CheckConnectionSetup } from './check-connection.ts'
import { ProbeFailure } from './probe.ts'
import { Relay } from './relay.ts'

/** Connections one probe may make. */
export const MAX_PROBE_CONNECTIONS = 8

/** What a probe works with: connections to the server, and names of streams that nobody else has. */
export class ProbeBench {
  /** What the connections are made with. */
  readonly setup: CheckConnectionSetup
  readonly #connections: CheckConnection[] = []

  /** @param setup the server, and how long to wait */
  constructor(setup: CheckConnectionSetup) {
    this.setup = setup
  }

  /** Bytes that the probe has sent. */
  get bytesSent(): number {
    return this.#connections.reduce((sum, each) => sum + each.bytesSent, 0)
  }

  /** Bytes that the server has sent to it. */
  get bytesReceived(): number {
    return this.#connections.reduce((sum, each) => sum + each.bytesReceived, 0)
  }

  /** Opens a TCP connection; nothing is sent yet. */
  async open(): Promise<CheckConnection> {
    if (this.#connections.length >= MAX_PROBE_CONNECTIONS) {
      throw new Error(`more than MAX_PROBE_CONNECTIONS (${MAX_PROBE_CONNECTIONS}) connections in one probe`)
    }
    const connection = new CheckConnection(this.setup)
    this.#connections.push(connection)
    await connection.opened()
    return connection
  }

  /** Opens a connection and makes a simple handshake. */
  async shakeHands(): Promise<CheckConnection> {
    const connection = await this.open()
    await connection.shakeHands()
    return connection
  }

  /** Opens a connection up to the result of connect. */
  async connect(more: Amf0Object = {}): Promise<CheckConnection> {
    const connection = await this.shakeHands()
    await connection.connectApp(more)
    return connection
  }

  /** A stream's name that nobody else uses; without the query, see `argument`. */
  newName(): string {
    return `srs-check-${randomBytes(6).toString('hex')}`
  }

  /** A stream's name as it goes into a command. */
  argument(name: string): string {
    return `${name}${this.setup.target.query}`
  }

  /** Connects, creates a stream and publishes `name` as OBS does. */
  async publish(name: string, more: Amf0Object = {}): Promise<Publisher> {
    const connection = await this.connect(more)
    const argument = this.argument(name)
    connection.command('releaseStream', [null, argument])
    connection.command('FCPublish', [null, argument])
    const streamId = await connection.createStream()
    connection.command('publish', [null, argument, 'live'], streamId)
    await connection.started('Publish')
    return { connection, streamId }
  }

  /** Connects, creates a stream and plays `name`. */
  async play(name: string, more: Amf0Object = {}): Promise<CheckConnection> {
    const connection = await this.connect(more)
    const streamId = await connection.createStream()
    connection.command('play', [null, this.argument(name), -2000], streamId)
    await connection.started('Play')
    return connection
  }

  /** A publisher and a player of one stream. @param more properties of the connect of both */
  async relay(more: Amf0Object = {}): Promise<Relay> {
    const name = this.newName()
    const { connection, streamId } = await this.publish(name, more)
    return await Relay.begin(connection, streamId, () => this.play(name, more))
  }

  /** After what a bad client did: others are let in and served as before. */
  async stillServes(): Promise<void> {
    try {
      const relay = await this.relay()
      await relay.passes('a stream of somebody else')
      relay.close()
    } catch (error) {
      throw new ProbeFailure(
        `afterwards the server serves nobody: ${error instanceof Error ? error.message : error}`,
      )
    }
  }

  /** Lets time pass, for what is about time; never to wait for the server. */
  async pause(milliseconds: number): Promise<void> {
    await delay(milliseconds)
  }

  /** Ends every connection. */
  close(): void {
    for (const connection of this.#connections) {
      connection.close()
    }
  }
}

/** A connection that publishes. */
export type Publisher = Readonly<{
  /** The connection. */
  connection: CheckConnection
  /** The message stream it publishes on. */
  streamId: number
}>

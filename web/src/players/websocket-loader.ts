import mpegts from 'mpegts.js'

/** The types of mpegts.js name the table of error codes where one code is meant. */
type ReportError = (code: string, info: Readonly<{ code: number; msg: string }>) => void

/**
 * Brings FLV over a WebSocket to mpegts.js. Its own loader throws out of an event when it is destroyed before the
 * connection stands, which happens to everyone who quickly moves on to another stream (seen with 1.8.2).
 */
export class WebSocketLoader extends mpegts.BaseLoader {
  #socket: WebSocket | null = null
  #receivedBytes = 0

  constructor() {
    super('websocket-loader')
  }

  override open(source: Readonly<{ url: string }>): void {
    const socket = new WebSocket(source.url)
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => {
      if (socket === this.#socket) {
        this._status = mpegts.LoaderStatus.kBuffering
      }
    })
    socket.addEventListener('message', (event: MessageEvent<ArrayBuffer | string>) => {
      if (socket === this.#socket && event.data instanceof ArrayBuffer) {
        this.#receive(event.data)
      }
    })
    // An error is always followed by this, too.
    socket.addEventListener('close', () => {
      if (socket === this.#socket) {
        this.#end()
      }
    })
    this.#socket = socket
    this._status = mpegts.LoaderStatus.kConnecting
  }

  override abort(): void {
    const socket = this.#socket
    this.#socket = null
    this._status = mpegts.LoaderStatus.kComplete
    socket?.close()
  }

  override destroy(): void {
    this.abort()
    super.destroy()
  }

  #receive(chunk: ArrayBuffer): void {
    const start = this.#receivedBytes
    this.#receivedBytes += chunk.byteLength
    this.onDataArrival(chunk, start, this.#receivedBytes)
  }

  #end(): void {
    this.#socket = null
    if (this.#receivedBytes > 0) {
      this._status = mpegts.LoaderStatus.kComplete
      this.onComplete(0, this.#receivedBytes - 1)
      return
    }
    this._status = mpegts.LoaderStatus.kError
    const report = this.onError as unknown as ReportError
    report(mpegts.LoaderErrors.EXCEPTION, { code: -1, msg: 'the WebSocket was closed before any media came' })
  }
}

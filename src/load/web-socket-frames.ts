import { ProtocolError } from '../base/index.ts'

/** Opcodes of WebSocket frames (RFC 6455, 5.2). */
export const WebSocketOpcode = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const

/** What a frame reader hands over. */
export interface WebSocketListener {
  /** Bytes of a binary message, in order: a view, good until this returns. */
  onBytes(bytes: Uint8Array): void
  /** A close, ping or pong frame, whole. */
  onControl(opcode: number, payload: Uint8Array): void
}

/** The payload of a control frame has at most so many bytes (RFC 6455, 5.5). */
export const MAX_WEB_SOCKET_CONTROL_BYTES = 125

const MASK_BYTES = 4
/** Opcode, length and a 64-bit length; servers don't mask. */
const MAX_HEADER_BYTES = 10
const FINAL = 0x80
const MASKED = 0x80

/** Takes apart what a WebSocket server sends (RFC 6455, 5.2). Payloads are passed on as they come; messages are not put together. */
export class WebSocketFrameReader {
  readonly #listener: WebSocketListener
  readonly #header = new Uint8Array(MAX_HEADER_BYTES)
  #headerLength = 0
  #opcode = 0
  #remaining = 0
  #control: number[] = []

  /** @param listener called from within `push` */
  constructor(listener: WebSocketListener) {
    this.#listener = listener
  }

  /**
   * Takes the next bytes, cut anywhere.
   * @throws ProtocolError for masked frames, unknown opcodes, text, and control frames that are too long
   */
  push(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#remaining === 0) {
        this.#header[this.#headerLength++] = bytes[at++] ?? 0
        this.#beginFrameIfComplete()
        continue
      }
      const end = Math.min(bytes.length, at + this.#remaining)
      this.#remaining -= end - at
      this.#pass(bytes.subarray(at, end))
      at = end
    }
  }

  #beginFrameIfComplete(): void {
    const [first = 0, second = 0] = this.#header
    const shortLength = second & 0x7f
    const lengthBytes = shortLength === 127 ? 8 : shortLength === 126 ? 2 : 0
    if (this.#headerLength < 2 + lengthBytes) {
      return
    }
    if ((second & MASKED) !== 0) {
      throw new ProtocolError('a WebSocket server sent a masked frame')
    }
    this.#headerLength = 0
    this.#opcode = first & 0x0f
    this.#remaining = shortLength
    if (lengthBytes > 0) {
      const view = new DataView(this.#header.buffer, 2, lengthBytes)
      this.#remaining =
        lengthBytes === 2 ? view.getUint16(0) : view.getUint32(0) * 0x100000000 + view.getUint32(4)
    }
    this.#checkFrame()
    if (this.#remaining === 0) {
      this.#pass(new Uint8Array(0))
    }
  }

  #checkFrame(): void {
    const opcode = this.#opcode
    if (opcode === WebSocketOpcode.continuation || opcode === WebSocketOpcode.binary) {
      return
    }
    if (opcode < WebSocketOpcode.close || opcode > WebSocketOpcode.pong) {
      throw new ProtocolError(`a WebSocket server sent a frame with opcode ${opcode}, not binary`)
    }
    if (this.#remaining > MAX_WEB_SOCKET_CONTROL_BYTES) {
      throw new ProtocolError(
        `a WebSocket control frame has ${this.#remaining} bytes, more than ${MAX_WEB_SOCKET_CONTROL_BYTES}`,
      )
    }
  }

  #pass(bytes: Uint8Array): void {
    if (this.#opcode < WebSocketOpcode.close) {
      this.#listener.onBytes(bytes)
      return
    }
    this.#control.push(...bytes)
    if (this.#remaining === 0) {
      const payload = Uint8Array.from(this.#control)
      this.#control = []
      this.#listener.onControl(this.#opcode, payload)
    }
  }
}

/** A final frame as clients send it: masked, with a mask of zeros, which changes nothing. For control frames. */
export function encodeClientControlFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(2 + MASK_BYTES + payload.length)
  frame.set([FINAL | opcode, MASKED | payload.length])
  frame.set(payload, 2 + MASK_BYTES)
  return frame
}
